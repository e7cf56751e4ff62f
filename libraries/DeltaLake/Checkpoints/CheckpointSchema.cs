using System.Globalization;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Columns of checkpoints and sidecars, with the names, order and types Spark expects (PROTOCOL.md, "Checkpoint Schema").</summary>
internal static class CheckpointSchema
{
    private static readonly Dictionary<string, string?> s_none = [];

    /// <summary>All columns of a classic checkpoint.</summary>
    public static IReadOnlyList<CheckpointColumn> Classic(Snapshot snapshot) => [Txn(), Add(snapshot), Remove(), MetaData(), Protocol(), Domain()];

    /// <summary>The columns of a sidecar, which holds file actions only.</summary>
    public static IReadOnlyList<CheckpointColumn> Sidecar(Snapshot snapshot) => [Add(snapshot), Remove()];

    private static ActionColumn<TransactionId> Txn() => new(
        "txn",
        Text<TransactionId>("appId", item => item.AppId),
        Number<TransactionId>("version", item => item.Version),
        Number<TransactionId>("lastUpdated", item => item.LastUpdated));

    private static ActionColumn<AddFile> Add(Snapshot snapshot)
    {
        var properties = snapshot.Configuration;
        List<ActionPart<AddFile>> parts =
        [
            Text<AddFile>("path", item => PathEncoding.Encode(item.Path)),
            new MapPart<AddFile>("partitionValues", item => item.PartitionValues),
            Number<AddFile>("size", item => item.Size),
            Number<AddFile>("modificationTime", item => item.ModificationTime),
            // A checkpoint tells the state, not a change.
            Flag<AddFile>("dataChange", _ => false),
            new MapPart<AddFile>("tags", item => item.Tags),
            Vector<AddFile>(item => item.DeletionVector),
            Number<AddFile>("baseRowId", item => item.BaseRowId),
            Number<AddFile>("defaultRowCommitVersion", item => item.DefaultRowCommitVersion),
            Text<AddFile>("clusteringProvider", item => item.ClusteringProvider),
        ];
        if (LogProperties.StatsAsJson(properties))
            parts.Add(Text<AddFile>("stats", item => item.Stats));
        else if (!LogProperties.StatsAsStruct(properties) && (Features.IsOn(snapshot.Protocol, "deletionVectors") || Features.IsOn(snapshot.Protocol, RowTracking.Feature)))
            parts.Add(Text<AddFile>("stats", OnlyRows));
        if (LogProperties.StatsAsStruct(properties))
            parts.AddRange(ParsedParts.Of(snapshot));
        return new ActionColumn<AddFile>("add", [.. parts]);
    }

    /// <summary>A deletion vector and row ids mean nothing without the number of rows, whatever the properties say of statistics.</summary>
    private static string? OnlyRows(AddFile file) => file.NumRecords < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{{\"numRecords\":{file.NumRecords}}}");

    private static ActionColumn<RemoveFile> Remove() => new(
        "remove",
        Text<RemoveFile>("path", item => PathEncoding.Encode(item.Path)),
        Number<RemoveFile>("deletionTimestamp", item => item.DeletionTimestamp),
        Flag<RemoveFile>("dataChange", item => item.DataChange),
        Flag<RemoveFile>("extendedFileMetadata", item => item.PartitionValues is not null && item.Size is not null),
        new MapPart<RemoveFile>("partitionValues", item => item.PartitionValues),
        Number<RemoveFile>("size", item => item.Size),
        Vector<RemoveFile>(item => item.DeletionVector),
        Number<RemoveFile>("baseRowId", item => item.BaseRowId),
        Number<RemoveFile>("defaultRowCommitVersion", item => item.DefaultRowCommitVersion));

    private static ActionColumn<MetadataAction> MetaData() => new(
        "metaData",
        Text<MetadataAction>("id", item => item.Id),
        Text<MetadataAction>("name", item => item.Name),
        Text<MetadataAction>("description", item => item.Description),
        new StructPart<MetadataAction, MetadataAction>("format", item => item, Text<MetadataAction>("provider", _ => "parquet"), new MapPart<MetadataAction>("options", _ => s_none)),
        Text<MetadataAction>("schemaString", item => item.SchemaString),
        new ListPart<MetadataAction>("partitionColumns", item => item.PartitionColumns),
        new MapPart<MetadataAction>("configuration", item => item.Configuration),
        Number<MetadataAction>("createdTime", item => item.CreatedTime));

    private static ActionColumn<ProtocolAction> Protocol() => new(
        "protocol",
        Version<ProtocolAction>("minReaderVersion", item => item.MinReaderVersion),
        Version<ProtocolAction>("minWriterVersion", item => item.MinWriterVersion),
        new ListPart<ProtocolAction>("readerFeatures", item => item.ReaderFeatures),
        new ListPart<ProtocolAction>("writerFeatures", item => item.WriterFeatures));

    private static ActionColumn<DomainMetadata> Domain() => new(
        "domainMetadata",
        Text<DomainMetadata>("domain", item => item.Domain),
        Text<DomainMetadata>("configuration", item => item.Configuration),
        Flag<DomainMetadata>("removed", item => item.Removed));

    private static StructPart<TAction, DeletionVectorDescriptor> Vector<TAction>(Func<TAction, DeletionVectorDescriptor?> get) => new(
        "deletionVector",
        get,
        Text<DeletionVectorDescriptor>("storageType", item => item.StorageType),
        Text<DeletionVectorDescriptor>("pathOrInlineDv", item => item.PathOrInlineDv),
        Version<DeletionVectorDescriptor>("offset", item => item.Offset),
        Version<DeletionVectorDescriptor>("sizeInBytes", item => item.SizeInBytes),
        Number<DeletionVectorDescriptor>("cardinality", item => item.Cardinality));

    private static ValuePart<TAction, ReadOnlyMemory<char>> Text<TAction>(string name, Func<TAction, string?> get) =>
        new(new DataField(name, typeof(string), true), item => get(item) is { } text ? text.AsMemory() : (ReadOnlyMemory<char>?)null);

    private static ValuePart<TAction, long> Number<TAction>(string name, Func<TAction, long?> get) => new(new DataField(name, typeof(long), true), get);

    private static ValuePart<TAction, int> Version<TAction>(string name, Func<TAction, int?> get) => new(new DataField(name, typeof(int), true), get);

    private static ValuePart<TAction, bool> Flag<TAction>(string name, Func<TAction, bool> get) => new(new DataField(name, typeof(bool), true), item => get(item));
}
