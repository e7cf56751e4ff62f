using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Where the <c>lake</c> commands print.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IAnsiConsole Terminal()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = 240;
        return console;
    }

    /// <summary>Prints an object as a line of JSON.</summary>
    public static void Line(object value) => System.Console.Out.WriteLine(JsonSerializer.Serialize(value, s_json));

    public static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        return table;
    }

    /// <summary>Bytes for the eye.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1L << 10 => FormattableString.Invariant($"{bytes} B"),
        < 1L << 20 => FormattableString.Invariant($"{bytes / 1024.0:0.0} KiB"),
        < 1L << 30 => FormattableString.Invariant($"{bytes / 1048576.0:0.0} MiB"),
        _ => FormattableString.Invariant($"{bytes / 1073741824.0:0.00} GiB"),
    };

    /// <summary>Milliseconds since 1970 for the eye and for JSON.</summary>
    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public static string Count(long rows) => rows < 0 ? "unknown" : rows.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    public static string Plural(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    /// <summary>Standard output for rows: buffered by the caller's own buffer, written as bytes.</summary>
    public static async Task FlushAsync(Stream output, ArrayBufferWriter<byte> buffer, CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
    }
}
