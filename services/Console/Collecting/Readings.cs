using System.Collections.Concurrent;
using RealTimeMesh.Console.Backends;

namespace RealTimeMesh.Console.Collecting;

/// <summary>The last good answer of each endpoint; null until there was one. Each is replaced as a whole.</summary>
internal sealed class Readings
{
    public IngestionLedger? Ingestion { get; set; }

    public SourcesReply? Sources { get; set; }

    public ProcessorLedger? Processor { get; set; }

    public ViewsReply? Views { get; set; }

    public WatermarksReply? Watermarks { get; set; }

    public LakeLedger? Lake { get; set; }

    public LakeTables? Tables { get; set; }

    /// <summary>By pipeline.</summary>
    public ConcurrentDictionary<string, DeadLettersReply> DeadLetters { get; } = new(StringComparer.Ordinal);

    public JobTablesReply? JobTables { get; set; }

    public BuildsReply? Builds { get; set; }
}
