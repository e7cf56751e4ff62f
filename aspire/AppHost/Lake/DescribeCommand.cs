using System.CommandLine;
using System.Globalization;
using RealTimeMesh.DeltaLake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.Lake;

/// <summary><c>lake describe</c>: one version of a table, without its rows.</summary>
internal sealed class DescribeCommand(TimeProvider time)
{
    private readonly Argument<string> _path = LakeArguments.Path();
    private readonly Option<long?> _version = LakeArguments.Version();
    private readonly Option<DateTimeOffset?> _timestamp = LakeArguments.Timestamp();
    private readonly Option<OutputFormat> _format = LakeArguments.Format();

    public Command Build()
    {
        var command = new Command("describe", "Shows schema, partitions, properties, protocol and sizes of a table.") { _path, _version, _timestamp, _format };
        command.SetAction((result, cancellationToken) => LakeRun.RunAsync(async () =>
        {
            var snapshot = await LakeRun.SnapshotAsync(LakeRun.Open(result.GetValue(_path)!, time), result.GetValue(_version), result.GetValue(_timestamp), cancellationToken);
            if (result.GetValue(_format) == OutputFormat.Ndjson)
                Output.Line(Facts(snapshot));
            else
                Print(snapshot, Output.Terminal());
        }, cancellationToken));
        return command;
    }

    private static object Facts(Snapshot snapshot) => new
    {
        path = snapshot.Table,
        name = snapshot.Name,
        version = snapshot.Version,
        timestamp = Output.Time(snapshot.Timestamp),
        rows = snapshot.RowCount < 0 ? (long?)null : snapshot.RowCount,
        files = snapshot.Files.Count,
        sizeInBytes = snapshot.Files.Sum(file => file.Size),
        deletedRows = Deleted(snapshot),
        minReaderVersion = snapshot.Protocol.MinReaderVersion,
        minWriterVersion = snapshot.Protocol.MinWriterVersion,
        readerFeatures = snapshot.Protocol.ReaderFeatures,
        writerFeatures = snapshot.Protocol.WriterFeatures,
        partitionColumns = snapshot.PartitionColumns,
        columns = snapshot.Schema.Fields.Select(field => new { name = field.Name, type = field.Type.ToString(), nullable = field.Nullable }),
        properties = snapshot.Configuration,
        domains = snapshot.Domains,
        transactions = snapshot.Transactions,
    };

    private static void Print(Snapshot snapshot, IAnsiConsole console)
    {
        var facts = Output.Table("", "").HideHeaders();
        Add("table", snapshot.Table);
        if (snapshot.Name is { } name)
            Add("name", name);
        Add("version", string.Create(CultureInfo.InvariantCulture, $"{snapshot.Version}, committed {Output.Time(snapshot.Timestamp)}"));
        Add("rows", Output.Count(snapshot.RowCount) + (Deleted(snapshot) is > 0 and var deleted ? $" ({Output.Count(deleted)} more deleted by deletion vectors)" : ""));
        Add("files", $"{Output.Count(snapshot.Files.Count)}, {Output.Size(snapshot.Files.Sum(file => file.Size))}");
        Add("partitioned by", snapshot.PartitionColumns.Count == 0 ? "-" : string.Join(", ", snapshot.PartitionColumns));
        Add("protocol", string.Create(CultureInfo.InvariantCulture, $"reader {snapshot.Protocol.MinReaderVersion}, writer {snapshot.Protocol.MinWriterVersion}"));
        if (snapshot.Protocol.WriterFeatures is { Count: > 0 } features)
            Add("features", string.Join(", ", features));
        foreach (var (key, value) in snapshot.Configuration.OrderBy(item => item.Key, StringComparer.Ordinal))
            Add(key, value ?? "");
        foreach (var (domain, configuration) in snapshot.Domains.OrderBy(item => item.Key, StringComparer.Ordinal))
            Add(domain, configuration);
        foreach (var (application, version) in snapshot.Transactions.OrderBy(item => item.Key, StringComparer.Ordinal))
            Add($"txn {application}", version.ToString(CultureInfo.InvariantCulture));
        console.Write(facts);

        var columns = Output.Table("column", "type", "nullable");
        foreach (var field in snapshot.Schema.Fields)
            columns.AddRow(Markup.Escape(field.Name), Markup.Escape(field.Type.ToString()), field.Nullable ? "yes" : "no");
        console.Write(columns);

        void Add(string key, string value) => facts.AddRow(Markup.Escape(key), Markup.Escape(value));
    }

    private static long Deleted(Snapshot snapshot) => snapshot.Files.Sum(file => file.DeletionVector?.Cardinality ?? 0);
}
