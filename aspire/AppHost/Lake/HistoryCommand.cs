using System.CommandLine;
using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake history</c>: who committed what, newest first.</summary>
internal sealed class HistoryCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<long?> _limit = LakeArguments.Whole("--limit", "N", "Most commits to show. Default: 20.", 1, int.MaxValue, "commits");
    private readonly Option<OutputFormat> _format = LakeArguments.Format();

    public Command Build()
    {
        var command = new Command("history", "Lists the newest commits of a table.") { _path, _limit, _format };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(async () =>
        {
            var table = LakeRun.Open(result.GetValue(_path)!, time);
            await LakeRun.SnapshotAsync(table, null, null, cancellationToken);
            var commits = await table.GetHistoryAsync((int)(result.GetValue(_limit) ?? 20), cancellationToken);
            if (result.GetValue(_format) == OutputFormat.Ndjson)
                Print(commits);
            else
                Print(commits, Output.Terminal());
        }, cancellationToken));
        return command;
    }

    private static void Print(IReadOnlyList<CommitSummary> commits)
    {
        foreach (var commit in commits)
        {
            Output.Line(new
            {
                version = commit.Version,
                timestamp = Output.Time(commit.Timestamp),
                operation = commit.Operation,
                operationParameters = commit.Parameters,
                operationMetrics = commit.Metrics,
                engineInfo = commit.EngineInfo,
                filesAdded = commit.FilesAdded,
                filesRemoved = commit.FilesRemoved,
            });
        }
    }

    private static void Print(IReadOnlyList<CommitSummary> commits, IAnsiConsole console)
    {
        var lines = Output.Table("version", "committed", "operation", "files", "parameters", "engine");
        foreach (var commit in commits)
        {
            lines.AddRow(
                Output.Count(commit.Version),
                Output.Time(commit.Timestamp),
                Markup.Escape(commit.Operation ?? "-"),
                FormattableString.Invariant($"+{commit.FilesAdded} -{commit.FilesRemoved}"),
                Markup.Escape(string.Join(", ", commit.Parameters.Select(item => $"{item.Key}={item.Value}"))),
                Markup.Escape(commit.EngineInfo ?? "-"));
        }

        console.Write(lines);
    }
}
