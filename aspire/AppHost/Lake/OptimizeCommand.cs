using System.CommandLine;
using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake optimize</c>: puts small files together.</summary>
internal sealed class OptimizeCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<bool> _dryRun = LakeArguments.DryRun();
    private readonly Option<OutputFormat> _format = LakeArguments.Format();
    private readonly Option<string?> _where = new("--where") { Description = "Only partitions for which this is true, in Spark's SQL: \"day >= '2026-11-01'\".", HelpName = "PREDICATE" };
    private readonly Option<string?> _zOrder = new("--zorder") { Description = "Columns whose values are to lie together, separated by commas. All files of the partitions are then written anew.", HelpName = "COLUMNS" };
    private readonly Option<long?> _target = LakeArguments.Whole("--target-size", "MIB", "Size of files to aim at, MiB. Default: the table's delta.targetFileSize, or 100.", 1, 1 << 20, "MiB");
    private readonly Option<long?> _memory = LakeArguments.Memory("Most memory, MiB; beyond it the work spills to the temporary folder.");

    public Command Build()
    {
        var command = new Command("optimize", "Puts small files together, partition by partition, and drops rows that deletion vectors delete. The rows stay; readers and appends go on.")
        {
            _path, _where, _zOrder, _target, _memory, _dryRun, _format,
        };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => RunAsync(result, cancellationToken), cancellationToken));
        return command;
    }

    private async Task RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var table = LakeRun.Open(result.GetValue(_path)!, time, new DuckDbOptions
        {
            MemoryLimitMiB = (int)(result.GetValue(_memory) ?? LakeArguments.DefaultMemory),
            Threads = Environment.ProcessorCount,
            SpillPath = Path.Combine(Path.GetTempPath(), "realtimemesh-lake"),
        });
        var target = result.GetValue(_target);
        var request = new OptimizeRequest
        {
            Where = result.GetValue(_where),
            ZOrderBy = result.GetValue(_zOrder)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            TargetFileBytes = target << 20,
            MaxCommitBytes = 4L << 30,
        };
        var preview = await table.PreviewOptimizeAsync(request, cancellationToken);
        if (result.GetValue(_dryRun))
        {
            Print(result.GetValue(_format), new { table = table.Path, dryRun = true, files = preview.Files, sizeInBytes = preview.Bytes, commits = preview.Commits }, preview.Files == 0 ? "nothing to put together" : $"{Output.Plural(preview.Files, "file")} of {Output.Size(preview.Bytes)} would be put together in {Output.Plural(preview.Commits, "commit")}");
            return;
        }

        var done = await ProgressBars.RunAsync("optimize", progress => table.OptimizeAsync(request with { Progress = progress }, cancellationToken));
        Print(
            result.GetValue(_format), new { table = table.Path, version = done.Version, metrics = done.Metrics },
            done.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version}: {Output.Plural(preview.Files, "file")} of {Output.Size(preview.Bytes)} put together; {string.Join(", ", done.Metrics.Select(item => $"{item.Key} {item.Value}"))}") : "nothing to put together");
    }

    private static void Print(OutputFormat format, object facts, string text)
    {
        if (format == OutputFormat.Ndjson)
            Output.Line(facts);
        else
            Output.Terminal().WriteLine(text);
    }
}
