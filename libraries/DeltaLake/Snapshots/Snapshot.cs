using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>One version of a table. Immutable.</summary>
public sealed class Snapshot
{
    private static readonly LocalTableStore s_local = new();

    private long _rowCount = long.MinValue;
    private RowSchema? _rowSchema;

    /// <summary>The version, from 0.</summary>
    public required long Version { get; init; }

    public required StructType Schema { get; init; }

    /// <summary>The schema for flat rows; throws where a column is of a type that they cannot hold.</summary>
    public RowSchema RowSchema => _rowSchema ??= FlatRows.ToRows(Table, Schema);

    public required IReadOnlyList<string> PartitionColumns { get; init; }

    /// <summary>Live data files.</summary>
    public required IReadOnlyList<AddFile> Files { get; init; }

    /// <summary>Last version of each application (<c>txn</c>).</summary>
    public required IReadOnlyDictionary<string, long> Transactions { get; init; }

    /// <summary>Commit time, milliseconds since 1970-01-01T00:00:00Z.</summary>
    public required long Timestamp { get; init; }

    /// <summary>The table's name, where it was given one.</summary>
    public string? Name { get; init; }

    /// <summary>Table properties such as <c>delta.appendOnly</c>.</summary>
    public IReadOnlyDictionary<string, string?> Configuration { get; init; } = new Dictionary<string, string?>();

    /// <summary>Configuration of each domain (<c>domainMetadata</c>), such as <c>delta.clustering</c>.</summary>
    public IReadOnlyDictionary<string, string> Domains { get; init; } = new Dictionary<string, string>();

    /// <summary>Live rows of all files, without those deletion vectors delete; -1 where a file does not tell.</summary>
    public long RowCount
    {
        get
        {
            if (_rowCount == long.MinValue)
                _rowCount = Count();
            return _rowCount;
        }
        internal init => _rowCount = value;
    }

    /// <summary>How columns are found in data files.</summary>
    public ColumnMappingMode ColumnMapping => ReadableSchema.ModeOf(Table, Configuration);

    /// <summary>Where rows keep their ids (feature <c>rowTracking</c>); null where they cannot be relied upon: row tracking is not enabled.</summary>
    public RowTrackingColumns? RowTracking => Version < 0 ? null : DeltaLake.RowTracking.ColumnsOf(Table, Configuration);

    /// <summary>Folder of the table.</summary>
    public string Table { get; internal init; } = "";

    /// <summary>Where the table's files are.</summary>
    public ITableStore Store { get; internal init; } = s_local;

    /// <summary>What readers and writers of the table must know.</summary>
    public ProtocolAction Protocol { get; internal init; } = ProtocolAction.Default;

    internal MetadataAction? Metadata { get; init; }

    /// <summary>For each file the version that added it, or -1 where only a checkpoint told of it.</summary>
    internal IReadOnlyList<long>? AddedIn { get; init; }

    /// <summary>A table that a commit is about to create.</summary>
    internal static Snapshot ToCreate(string table, ITableStore store, StructType schema, IReadOnlyList<string> partitionColumns, IReadOnlyDictionary<string, string?> properties) => new()
    {
        Table = table,
        Store = store,
        Version = -1,
        Schema = schema,
        PartitionColumns = partitionColumns,
        Files = [],
        Transactions = new Dictionary<string, long>(),
        Timestamp = 0,
        Configuration = properties,
    };

    /// <summary>The same files under the schema that a commit is about to give the table.</summary>
    internal Snapshot WithSchema(StructType schema, IReadOnlyList<string> partitionColumns) => ReferenceEquals(schema, Schema) && ReferenceEquals(partitionColumns, PartitionColumns) ? this : new Snapshot
    {
        Table = Table,
        Store = Store,
        Version = Version,
        Schema = schema,
        PartitionColumns = partitionColumns,
        Files = Files,
        Transactions = Transactions,
        Timestamp = Timestamp,
        Name = Name,
        Configuration = Configuration,
        Domains = Domains,
        Protocol = Protocol,
        Metadata = Metadata,
        AddedIn = AddedIn,
    };

    private long Count()
    {
        long rows = 0;
        foreach (var file in Files)
        {
            if (file.LiveRecords < 0)
                return -1;
            rows += file.LiveRecords;
        }

        return rows;
    }
}
