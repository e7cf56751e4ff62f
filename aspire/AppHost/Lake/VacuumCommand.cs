using System.CommandLine;
using System.Globalization;
using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake vacuum</c>: deletes files that no version within the retention needs.</summary>
internal sealed class VacuumCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<bool> _dryRun = LakeArguments.DryRun();
    private readonly Option<OutputFormat> _format = LakeArguments.Format();
    private readonly Option<bool> _lite = new("--lite") { Description = "Delete only what the log tells of, without looking at the folder." };
    private readonly Option<bool> _allowShort = new("--allow-short-retention") { Description = "Allow a retention below the table's. Whoever reads or writes the table meanwhile may lose files." };
    private readonly Option<TimeSpan?> _retention = new("--retention")
    {
        Description = "How long files stay that no longer belong to the table, such as 7d, 168h or 30m. Default: the table's delta.deletedFileRetentionDuration, or 7d.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Span(text) is { } span)
                return span;
            result.AddError($"--retention: found '{text}'; expected a number with d, h, m or s, such as 7d.");
            return null;
        },
    };

    public Command Build()
    {
        var command = new Command("vacuum", "Deletes files that no version within the retention needs. Older versions can then not be read any more.")
        {
            _path, _retention, _lite, _allowShort, _dryRun, _format,
        };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => RunAsync(result, cancellationToken), cancellationToken));
        return command;
    }

    private async Task RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var table = LakeRun.Open(result.GetValue(_path)!, time);
        var dryRun = result.GetValue(_dryRun);
        var request = new VacuumRequest { Retention = result.GetValue(_retention), AllowShortRetention = result.GetValue(_allowShort), Lite = result.GetValue(_lite), DryRun = dryRun };
        var done = await ProgressBars.RunAsync("vacuum", progress => table.VacuumAsync(request with { Progress = progress }, cancellationToken));
        if (result.GetValue(_format) == OutputFormat.Ndjson)
        {
            if (dryRun)
            {
                foreach (var file in done.Files)
                    Output.Line(new { file });
            }

            Output.Line(new { table = table.Path, dryRun, files = done.Files.Count, sizeInBytes = done.Bytes, folders = done.Folders });
            return;
        }

        var console = Output.Terminal();
        if (dryRun)
        {
            foreach (var file in done.Files)
                console.WriteLine(file);
        }

        console.WriteLine($"{Output.Plural(done.Files.Count, "file")} of {Output.Size(done.Bytes)} and {Output.Plural(done.Folders, "empty folder")} {(dryRun ? "would be deleted" : "deleted")}");
    }

    private static TimeSpan? Span(string text)
    {
        if (text.Length < 2 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 100_000_000)
            return null;
        return text[^1] switch
        {
            'd' when number <= 1_000_000 => TimeSpan.FromDays(number),
            'h' => TimeSpan.FromHours(number),
            'm' => TimeSpan.FromMinutes(number),
            's' => TimeSpan.FromSeconds(number),
            _ => null,
        };
    }
}
