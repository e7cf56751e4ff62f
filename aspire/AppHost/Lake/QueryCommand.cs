using System.CommandLine;
using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake query</c>: rows of a table, of an older version, or its changes.</summary>
internal sealed class QueryCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<string?> _sql = new("--sql") { Description = "A query of DuckDB's SQL over the table, which is called t. Default: select * from t", HelpName = "SQL" };
    private readonly Option<string?> _where = new("--where") { Description = "Only rows for which this predicate of Spark's SQL is true, such as \"day = DATE '2026-11-23'\". Files that statistics rule out are not opened; their number is told on standard error.", HelpName = "PREDICATE" };
    private readonly Option<long?> _version = LakeArguments.Version();
    private readonly Option<DateTimeOffset?> _timestamp = LakeArguments.Timestamp();
    private readonly Option<string?> _changes = new("--cdf") { Description = "Read the change data feed of these versions instead, both included; t then has _change_type, _commit_version and _commit_timestamp too. 'FROM:' ends at the newest.", HelpName = "FROM:TO" };
    private readonly Option<string[]> _tables = new("--table") { Description = "Another table that the query names, such as --table airports=./lake/gold/airports; its newest version. Repeat it for several.", HelpName = "NAME=PATH" };
    private readonly Option<OutputFormat> _format = LakeArguments.Format();
    private readonly Option<long?> _limit = LakeArguments.Whole("--limit", "N", "Most rows to print. Default: 100 as a table, all as ndjson.", 1, long.MaxValue, "rows");
    private readonly Option<long?> _memory = LakeArguments.Memory("Most memory of the query, MiB; beyond it the query spills to the temporary folder.");

    public Command Build()
    {
        var command = new Command(
            "query",
            """
            Prints rows of a table.

            Examples:
              lake query ./lake/bronze/departures --sql "select airport, count(*) from t group by airport"
              lake query ./lake/gold/airports --version 3 --format ndjson
              lake query ./lake/silver/flights --cdf 5:9 --format ndjson
              lake query ./lake/silver/flights --table a=./lake/gold/airports --sql "select a.name, count(*) from t join a using (airport) group by 1"
            """)
        {
            _path, _sql, _where, _version, _timestamp, _changes, _tables, _format, _limit, _memory,
        };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(() => RunAsync(result, cancellationToken), cancellationToken));
        return command;
    }

    private async Task RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var options = new DuckDbOptions
        {
            MemoryLimitMiB = (int)(result.GetValue(_memory) ?? LakeArguments.DefaultMemory),
            Threads = Environment.ProcessorCount,
            SpillPath = Path.Combine(Path.GetTempPath(), "realtimemesh-lake"),
        };
        var table = LakeRun.Open(result.GetValue(_path)!, time);
        var changes = result.GetValue(_changes);
        var (version, timestamp) = (result.GetValue(_version), result.GetValue(_timestamp));
        if (changes is not null && (version is not null || timestamp is not null))
            throw new RealTimeMeshException("both --cdf and a version or timestamp are given; expected one of them: --cdf names its versions itself.");
        if (changes is not null && result.GetValue(_where) is not null)
            throw new RealTimeMeshException("both --cdf and --where are given; expected one of them: filter changes by --sql.");

        var printer = new RowPrinter(result.GetValue(_format), result.GetValue(_limit));
        if (changes is not null)
        {
            var (from, to) = Range(changes);
            var set = await table.GetChangesAsync(from, to, cancellationToken);
            using var session = DuckDbSession.Open(options);
            await session.RegisterChangesAsync("t", set, cancellationToken);
            await RegisterOthersAsync(session, result, cancellationToken);
            await printer.PrintAsync(session, result.GetValue(_sql) ?? ChangesQuery(result.GetValue(_format)), cancellationToken);
        }
        else
        {
            var snapshot = await LakeRun.SnapshotAsync(table, version, timestamp, cancellationToken);
            using var session = DuckDbSession.Open(options);
            await session.RegisterScanAsync("t", Request(snapshot, result.GetValue(_where)), cancellationToken);
            await RegisterOthersAsync(session, result, cancellationToken);
            await printer.PrintAsync(session, result.GetValue(_sql) ?? "SELECT * FROM t", cancellationToken);
        }
    }

    private async Task RegisterOthersAsync(DuckDbSession session, ParseResult result, CancellationToken cancellationToken)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase) { "t" };
        foreach (var text in result.GetValue(_tables) ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } path])
                throw new RealTimeMeshException($"--table: found '{text}'; expected a name and a folder, such as airports=./lake/gold/airports.");
            if (!names.Add(name))
                throw new RealTimeMeshException($"--table: found the name '{name}' twice{(name is "t" or "T" ? " (t is the table of PATH)" : "")}; expected another for each table.");
            await session.RegisterScanAsync(name, new ScanRequest(await LakeRun.SnapshotAsync(LakeRun.Open(path, time), null, null, cancellationToken)), cancellationToken);
        }
    }

    private ScanRequest Request(Snapshot snapshot, string? where)
    {
        if (where is null)
            return new ScanRequest(snapshot);
        var predicate = DeltaExpression.Parse(where).ResolvePredicate(snapshot.Schema, time.GetUtcNow());
        var pruned = FilePruning.Prune(snapshot, predicate);
        System.Console.Error.WriteLine(FormattableString.Invariant($"{pruned.Files.Count} of {snapshot.Files.Count} files read"));
        return new ScanRequest(snapshot) { Files = pruned.Files, Predicate = predicate };
    }

    /// <summary>
    /// Without in-commit timestamps a commit's time is that of its file, which changes with every copy of the table: lines of JSON, which
    /// programs compare, have it only where a query asks for it.
    /// </summary>
    private static string ChangesQuery(OutputFormat format) => format == OutputFormat.Ndjson ? "SELECT * EXCLUDE (_commit_timestamp) FROM t" : "SELECT * FROM t";

    private static (long From, long? To) Range(string text)
    {
        var parts = text.Split(':');
        if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            if (parts[1].Length == 0)
                return (from, null);
            if (long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to))
                return (from, to);
        }

        throw new RealTimeMeshException($"--cdf: found '{text}'; expected two versions such as 5:9, or one and the newest such as 5:");
    }
}
