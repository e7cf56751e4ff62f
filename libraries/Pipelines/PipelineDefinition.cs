using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>A validated pipeline folder: everything a service needs to run it, with contracts parsed and expressions type-checked.</summary>
public sealed record PipelineDefinition
{
    public required string Name { get; init; }

    /// <summary>Absolute path of the folder.</summary>
    public required string Directory { get; init; }

    public IReadOnlyList<StreamDefinition> Streams { get; init; } = [];

    public IReadOnlyList<ReferenceDefinition> References { get; init; } = [];

    /// <summary>Tumbling windows of one stream.</summary>
    public IReadOnlyList<ViewDefinition> Views { get; init; } = [];

    /// <summary>Views of the other kinds: overlapping windows, sessions, joins.</summary>
    public IReadOnlyList<FlowDefinition> Flows { get; init; } = [];

    /// <summary>Every table after the tables it reads; otherwise in the file's order.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; init; } = [];

    public IReadOnlyList<WarehouseLoad> Warehouse { get; init; } = [];

    public IReadOnlyList<ServiceLevel> Slo { get; init; } = [];
}

/// <summary>A typed, keyed stream of events.</summary>
public sealed record StreamDefinition
{
    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    public required AvroContract Contract { get; init; }

    /// <summary>Absolute path of the contract's file; empty where there is none.</summary>
    public string ContractFile { get; init; } = "";

    /// <summary>What is known of the contract besides its schema: from its own attributes and from <c>NAME.metadata.json</c> beside it.</summary>
    public ContractMetadata Metadata { get; init; } = ContractMetadata.None;

    /// <summary>Field whose value is the message key.</summary>
    public required string Key { get; init; }

    public required EventTime Time { get; init; }

    /// <summary>Text of the Great Expectations suite, or null; its path for errors.</summary>
    public string? Expectations { get; init; }

    public string? ExpectationsFile { get; init; }

    /// <summary>The Protobuf message that bare messages for this stream are of; null where the registry must say.</summary>
    public DeclaredMessage? Protobuf { get; init; }

    /// <summary>Where events come from besides the front door.</summary>
    public IReadOnlyList<SourceDefinition> Sources { get; init; } = [];

    /// <summary><c>{pipeline}.{stream}</c></summary>
    public string Topic => $"{Pipeline}.{Name}";

    /// <summary><c>{topic}.dlq</c></summary>
    public string DeadLetterTopic => $"{Topic}.dlq";

    /// <summary>Topic on which any Dapr app may publish plain JSON CloudEvents: <c>ingest.{topic}</c>.</summary>
    public string IngestTopic => $"ingest.{Topic}";

    /// <summary>Registry subject: <c>{topic}-value</c>.</summary>
    public string Subject => $"{Topic}-value";
}

/// <summary>A Protobuf message as a form of a stream's events.</summary>
/// <param name="File">Absolute path of the <c>.proto</c> document.</param>
/// <param name="Message">Full name of the message.</param>
/// <param name="Reader">Makes rows of the stream's contract.</param>
public sealed record DeclaredMessage(string File, string Message, ProtobufRowReader Reader);

/// <summary>Which field is the event's time, how far events may come out of order, and after how long a silent partition stops holding back the watermark. A field of type long holds microseconds since 1970-01-01 UTC, as a timestamp does.</summary>
public sealed record EventTime(string Field, TimeSpan OutOfOrder, TimeSpan IdleAfter);

/// <summary>A source that Ingestion reads by itself.</summary>
public sealed record SourceDefinition
{
    /// <summary>Unique within the pipeline; part of event ids and of the durable position.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path of a file; null where it is none.</summary>
    public string? File { get; init; }

    /// <summary>One of <see cref="FileFormats"/>; from the extension unless given. Null where each file's extension tells, and where there are no files.</summary>
    public string? Format { get; init; }

    /// <summary>A folder of files; null where there is none.</summary>
    public FolderDefinition? Folder { get; init; }

    /// <summary>How CSV files are written.</summary>
    public CsvLayout Csv { get; init; } = CsvLayout.Default;

    /// <summary>What is done about a file that cannot be read on.</summary>
    public FileFaultPolicy OnError { get; init; }

    /// <summary>Tables of a database whose changes are captured; null where it is none.</summary>
    public ChangeSettings? Changes { get; init; }

    /// <summary>Name of a built-in deterministic generator; null where it is none.</summary>
    public string? Generator { get; init; }

    /// <summary>Seed of the generator.</summary>
    public long Seed { get; init; }

    /// <summary>How many events the generator makes; 0 for no end.</summary>
    public long Events { get; init; }

    /// <summary><c>replay</c>: how many times faster than event time the source is read where the host is not told otherwise; null reads it as fast as it goes.</summary>
    public double? Replay { get; init; }
}

/// <summary>A small table that streams and SQL look things up in.</summary>
public sealed record ReferenceDefinition(string Name, string File, string Key);

/// <summary>A continuous aggregation by key and window, kept in the state store.</summary>
public sealed record ViewDefinition
{
    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    public required StreamDefinition From { get; init; }

    /// <summary>Rows that count; null for all.</summary>
    public BoundExpression? Where { get; init; }

    /// <summary>Length of the tumbling window, aligned to 1970-01-01T00:00:00Z.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Fields to group by.</summary>
    public required IReadOnlyList<string> By { get; init; }

    public required IReadOnlyList<AggregateDefinition> Select { get; init; }

    /// <summary>How long after its end a window still takes events (Flink's allowed lateness).</summary>
    public TimeSpan AllowedLateness { get; init; }

    /// <summary>How long, in event time, a closed window stays readable in the state store.</summary>
    public TimeSpan Retain { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Least time between two writes of one open window; zero writes with every batch.</summary>
    public TimeSpan EmitUpdates { get; init; }

    /// <summary>A closed window is written once more, marked as final. Default true.</summary>
    public bool EmitFinal { get; init; } = true;
}

/// <summary>One aggregate column of a view.</summary>
/// <param name="Name">Column name in the view.</param>
/// <param name="Function">Lower-case name: count, count_distinct, sum, avg, min, max, first, last, stddev, quantile.</param>
/// <param name="Argument">Null for <c>count(*)</c>.</param>
/// <param name="Parameter">The second argument, such as the 0.95 of a quantile.</param>
public sealed record AggregateDefinition(string Name, string Function, BoundExpression? Argument, double Parameter);

/// <summary>A Delta table: bronze by append of a stream, silver and gold by SQL.</summary>
public sealed record TableDefinition
{
    public required string Pipeline { get; init; }

    /// <summary>Such as <c>silver.departures</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The stream appended; null for a SQL table.</summary>
    public StreamDefinition? Append { get; init; }

    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>The query; null for an appended table.</summary>
    public string? Sql { get; init; }

    public string? SqlFile { get; init; }

    /// <summary>Key columns of the merge.</summary>
    public IReadOnlyList<string> Merge { get; init; } = [];

    /// <summary>Of a merge: the condition (SQL over the query's columns) under which a key's row is removed rather than written; null where rows are never removed.</summary>
    public string? Delete { get; init; }

    /// <summary>The table whose new rows drive the build; the query sees only those of it that are new, where that is enough (see the job engine).</summary>
    public string? Changes { get; init; }

    /// <summary>Tables and references the query reads, from its text.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];

    /// <summary>Columns by which the table's files are clustered; kept for engines that can.</summary>
    public IReadOnlyList<string> ZOrder { get; init; } = [];

    /// <summary>Text of the Great Expectations suite for the table at rest, or null; its path for errors.</summary>
    public string? Expectations { get; init; }

    public string? ExpectationsFile { get; init; }

    /// <summary>Folder relative to the lake's root: <c>{pipeline}/{layer}/{name}</c>.</summary>
    public string RelativePath => $"{Pipeline}/{Name.Replace('.', '/')}";
}

/// <summary>A gold table's way to the warehouse.</summary>
/// <param name="Table">The Delta table.</param>
/// <param name="To">Schema and table in the warehouse, such as <c>GOLD.AIRPORT_DAILY</c>.</param>
/// <param name="Keys">Merge keys.</param>
public sealed record WarehouseLoad(string Pipeline, string Table, string To, IReadOnlyList<string> Keys);

/// <summary>What a table promises.</summary>
/// <param name="Freshness">Greatest age of the newest row; null where nothing is promised.</param>
/// <param name="Completeness">Least share of acknowledged events that are in the table, 0 to 1; null where nothing is promised.</param>
public sealed record ServiceLevel(string Pipeline, string Table, TimeSpan? Freshness, double? Completeness);
