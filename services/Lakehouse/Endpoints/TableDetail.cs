using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Requests;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary>One version of a table, without its rows.</summary>
/// <param name="Rows">Live rows; -1 where a file does not tell.</param>
/// <param name="DeletedRows">Rows that stand in files and that deletion vectors delete.</param>
/// <param name="OldestVersion">The oldest version that time travel reaches.</param>
internal sealed record TableDetail(
    string Pipeline, string Table, string? Name, long Version, DateTimeOffset Time, long OldestVersion, long NewestVersion, long Rows, long DeletedRows, int Files, long Bytes, int SmallFiles,
    IReadOnlyList<string> PartitionedBy, IReadOnlyList<TableColumn> Columns, IReadOnlyDictionary<string, string?> Properties, int MinReaderVersion, int MinWriterVersion, IReadOnlyList<string> Features)
{
    private const long SmallFileBytes = 16 << 20;

    public static TableDetail Of(OpenTable open, VersionRange range, Func<string, bool> isPersonal)
    {
        var snapshot = open.Snapshot;
        return new TableDetail(
            open.Pipeline, open.Name, snapshot.Name, snapshot.Version, DateTimeOffset.FromUnixTimeMilliseconds(snapshot.Timestamp), range.Oldest, range.Newest,
            snapshot.RowCount, snapshot.Files.Sum(file => file.DeletionVector?.Cardinality ?? 0), snapshot.Files.Count, snapshot.Files.Sum(file => file.Size), snapshot.Files.Count(file => file.Size < SmallFileBytes),
            snapshot.PartitionColumns,
            [.. snapshot.Schema.Fields.Select(field => new TableColumn(field.Name, field.Type.ToString(), field.Nullable, field.Metadata.TryGetValue("comment", out var comment) ? comment.ToString() : null, isPersonal(field.Name)))],
            snapshot.Configuration, snapshot.Protocol.MinReaderVersion, snapshot.Protocol.MinWriterVersion, [.. (snapshot.Protocol.ReaderFeatures ?? []).Union(snapshot.Protocol.WriterFeatures ?? []).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Personal">Its values are hidden in previews.</param>
internal sealed record TableColumn(string Name, string Type, bool Nullable, string? Comment, bool Personal);
