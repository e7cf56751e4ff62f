using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Columns of a classic checkpoint, with the types Spark expects (PROTOCOL.md, "Checkpoint Schema").</summary>
internal sealed class CheckpointSchema
{
    public CheckpointSchema()
    {
        Txn = new StructField("txn", TxnAppId, TxnVersion, TxnLastUpdated);
        Add = new StructField("add", AddPath, AddPartitionValues, AddSize, AddModificationTime, AddDataChange, AddTags, AddStats);
        Remove = new StructField("remove", RemovePath, RemoveDeletionTimestamp, RemoveDataChange, RemoveExtended, RemovePartitionValues, RemoveSize);
        MetaData = new StructField("metaData", MetaId, MetaName, MetaDescription, new StructField("format", MetaProvider, MetaOptions), MetaSchema, MetaPartitionColumns, MetaConfiguration, MetaCreatedTime);
        Protocol = new StructField("protocol", ProtocolReader, ProtocolWriter, ProtocolReaderFeatures, ProtocolWriterFeatures);
        Schema = new ParquetSchema(Txn, Add, Remove, MetaData, Protocol);
    }

    public ParquetSchema Schema { get; }

    public StructField Txn { get; }

    public DataField TxnAppId { get; } = Text("appId");

    public DataField TxnVersion { get; } = Number("version");

    public DataField TxnLastUpdated { get; } = Number("lastUpdated");

    public StructField Add { get; }

    public DataField AddPath { get; } = Text("path");

    public MapField AddPartitionValues { get; } = Map("partitionValues");

    public DataField AddSize { get; } = Number("size");

    public DataField AddModificationTime { get; } = Number("modificationTime");

    public DataField AddDataChange { get; } = Flag("dataChange");

    public MapField AddTags { get; } = Map("tags");

    public DataField AddStats { get; } = Text("stats");

    public StructField Remove { get; }

    public DataField RemovePath { get; } = Text("path");

    public DataField RemoveDeletionTimestamp { get; } = Number("deletionTimestamp");

    public DataField RemoveDataChange { get; } = Flag("dataChange");

    public DataField RemoveExtended { get; } = Flag("extendedFileMetadata");

    public MapField RemovePartitionValues { get; } = Map("partitionValues");

    public DataField RemoveSize { get; } = Number("size");

    public StructField MetaData { get; }

    public DataField MetaId { get; } = Text("id");

    public DataField MetaName { get; } = Text("name");

    public DataField MetaDescription { get; } = Text("description");

    public DataField MetaProvider { get; } = Text("provider");

    public MapField MetaOptions { get; } = Map("options");

    public DataField MetaSchema { get; } = Text("schemaString");

    public ListField MetaPartitionColumns { get; } = List("partitionColumns");

    public MapField MetaConfiguration { get; } = Map("configuration");

    public DataField MetaCreatedTime { get; } = Number("createdTime");

    public StructField Protocol { get; }

    public DataField ProtocolReader { get; } = Version("minReaderVersion");

    public DataField ProtocolWriter { get; } = Version("minWriterVersion");

    public ListField ProtocolReaderFeatures { get; } = List("readerFeatures");

    public ListField ProtocolWriterFeatures { get; } = List("writerFeatures");

    private static DataField Text(string name) => new(name, typeof(string), true);

    private static DataField Number(string name) => new(name, typeof(long), true);

    private static DataField Version(string name) => new(name, typeof(int), true);

    private static DataField Flag(string name) => new(name, typeof(bool), true);

    private static MapField Map(string name) => new(name, new DataField("key", typeof(string), false), new DataField("value", typeof(string), true));

    private static ListField List(string name) => new(name, new DataField("element", typeof(string), true));
}
