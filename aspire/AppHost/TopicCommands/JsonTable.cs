using System.Text.Json;
using RealTimeMesh.AppHost.Lake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>Prints answers for the eye; <c>--json</c> prints them as they are.</summary>
internal static class JsonTable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Json(JsonElement value) => System.Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>One row for each item; columns by name, those that are not there empty.</summary>
    public static void Rows(IEnumerable<JsonElement> items, params string[] columns)
    {
        var table = Output.Table(columns);
        foreach (var item in items)
            table.AddRow([.. columns.Select(column => Markup.Escape(Text(Find(item, column))))]);
        Output.Terminal().Write(table);
    }

    public static string Text(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole.ToString(System.Globalization.CultureInfo.InvariantCulture),
        { ValueKind: JsonValueKind.Number } number => number.GetDouble().ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
        { ValueKind: JsonValueKind.Array } array => string.Join(", ", array.EnumerateArray().Select(item => Text(item))),
        var other => other.Value.GetRawText(),
    };

    private static JsonElement? Find(JsonElement item, string column) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(column, out var found) ? found : null;
}
