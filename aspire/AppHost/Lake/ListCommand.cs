using System.CommandLine;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake ls</c>: the tables under a folder.</summary>
internal sealed class ListCommand(TimeProvider time)
{
    private readonly Argument<string> _path = new("PATH") { Description = "Folder to search, or the URI of one.", DefaultValueFactory = _ => "." };
    private readonly Option<OutputFormat> _format = LakeArguments.Format();

    public Command Build()
    {
        var command = new Command("ls", "Lists the Delta tables under a folder: version, rows, files, size; or why a table cannot be read.") { _path, _format };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => RunAsync(result.GetValue(_path)!, result.GetValue(_format), cancellationToken), cancellationToken));
        return command;
    }

    private async Task RunAsync(string path, OutputFormat format, CancellationToken cancellationToken)
    {
        var root = TablePaths.Normalize(LakeRun.LocalPath(path));
        if (!TablePaths.IsUri(root) && !Directory.Exists(root))
            throw new RealTimeMeshException($"there is no folder '{root}'; expected one to search for Delta tables.");
        var lines = Output.Table("table", "version", "rows", "files", "size", "committed", "");
        foreach (var folder in TablePaths.IsUri(root) ? await RemoteTablesAsync(root, cancellationToken) : Tables(root))
        {
            var name = folder == root ? "." : TablePaths.IsUri(root) ? folder[(root.Length + 1)..] : Path.GetRelativePath(root, folder);
            var (snapshot, fault) = await TryReadAsync(folder, cancellationToken);
            if (format == OutputFormat.Ndjson)
            {
                Output.Line(snapshot is null
                    ? new { table = name, error = fault }
                    : new { table = name, version = snapshot.Version, rows = snapshot.RowCount < 0 ? (long?)null : snapshot.RowCount, files = snapshot.Files.Count, sizeInBytes = snapshot.Files.Sum(file => file.Size), timestamp = Output.Time(snapshot.Timestamp) });
            }
            else if (snapshot is null)
            {
                lines.AddRow(Markup.Escape(name), "", "", "", "", "", Markup.Escape(fault));
            }
            else
            {
                lines.AddRow(Markup.Escape(name), Output.Count(snapshot.Version), Output.Count(snapshot.RowCount), Output.Count(snapshot.Files.Count), Output.Size(snapshot.Files.Sum(file => file.Size)), Output.Time(snapshot.Timestamp), "");
            }
        }

        if (format == OutputFormat.Table && lines.Rows.Count == 0)
            Output.Terminal().WriteLine($"no Delta table under {root}");
        else if (format == OutputFormat.Table)
            Output.Terminal().Write(lines);
    }

    private async Task<(Snapshot? Snapshot, string Fault)> TryReadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return (await LakeRun.SnapshotAsync(LakeRun.Open(folder, time), null, null, cancellationToken), "");
        }
        catch (Exception exception) when (exception is RealTimeMeshException or IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>As <see cref="Tables"/>; a store knows no folders, so that all names under the URI are listed.</summary>
    private async Task<IReadOnlyList<string>> RemoteTablesAsync(string root, CancellationToken cancellationToken)
    {
        const string Log = "/_delta_log/";
        var found = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var file in RemoteStores.Of(root, time).ListTreeAsync(root, cancellationToken))
        {
            if (file.Path.IndexOf(Log, StringComparison.Ordinal) is >= 0 and var at)
                found.Add(file.Path[..at]);
        }

        return [.. found.Where(table => !found.Any(other => table.StartsWith(other + "/", StringComparison.Ordinal)))];
    }

    /// <summary>Folders with a log, in order of their names; a table's own folders are not searched.</summary>
    private static IEnumerable<string> Tables(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "_delta_log")))
            return [folder];
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint };
        return Directory.EnumerateDirectories(folder, "*", options).Order(StringComparer.Ordinal).SelectMany(Tables);
    }
}
