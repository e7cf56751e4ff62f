using System.CommandLine;
using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake restore</c>: makes a table what it was.</summary>
internal sealed class RestoreCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<long?> _version = new("--version") { Description = "The version to go back to.", HelpName = "N" };
    private readonly Option<DateTimeOffset?> _timestamp = LakeArguments.Timestamp();
    private readonly Option<bool> _dryRun = LakeArguments.DryRun();
    private readonly Option<OutputFormat> _format = LakeArguments.Format();
    private readonly Option<bool> _ignoreMissing = new("--ignore-missing-files") { Description = "Leave out data files that are gone, and lose their rows." };
    private readonly Option<string?> _reason = new("--reason") { Description = "Text for the table's history.", HelpName = "TEXT" };

    public Command Build()
    {
        var command = new Command("restore", "Makes a table what it was in a version. The versions since stay in its history, so that this can be undone too.")
        {
            _path, _version, _timestamp, _ignoreMissing, _reason, _dryRun, _format,
        };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => RunAsync(result, cancellationToken), cancellationToken));
        return command;
    }

    private async Task RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (version, timestamp) = (result.GetValue(_version), result.GetValue(_timestamp));
        if (version is null == timestamp is null)
            throw new RealTimeMeshException($"{(version is null ? "neither" : "both")} --version {(version is null ? "nor" : "and")} --timestamp given; expected one of them.");
        var table = LakeRun.Open(result.GetValue(_path)!, time);
        var request = new RestoreRequest { Version = version, Timestamp = timestamp, IgnoreMissingFiles = result.GetValue(_ignoreMissing), UserMetadata = result.GetValue(_reason) };
        var preview = await table.PreviewRestoreAsync(request, cancellationToken);
        var dryRun = result.GetValue(_dryRun);
        var done = dryRun ? null : await ProgressBars.RunAsync("restore", _ => table.RestoreAsync(request, cancellationToken));
        if (result.GetValue(_format) == OutputFormat.Ndjson)
        {
            Output.Line(new
            {
                table = table.Path, dryRun, version = done?.Version, fromVersion = preview.FromVersion, toVersion = preview.ToVersion, rowsBefore = preview.RowsBefore, rowsAfter = preview.RowsAfter,
                filesRestored = preview.Restored.Count, filesRemoved = preview.Removed.Count, filesMissing = preview.Missing.Count, metadataChanges = preview.MetadataChanges,
            });
            return;
        }

        var console = Output.Terminal();
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"version {preview.ToVersion} in the place of {preview.FromVersion}: {Output.Count(preview.RowsBefore)} rows become {Output.Count(preview.RowsAfter)}, files that come back: {preview.Restored.Count}, that go: {preview.Removed.Count}, that are missing: {preview.Missing.Count}"));
        foreach (var change in preview.MetadataChanges)
            console.WriteLine(change);
        console.WriteLine(dryRun ? "nothing was changed" : done!.Version is { } made ? string.Create(CultureInfo.InvariantCulture, $"restored as version {made}") : "there was nothing to change");
    }
}
