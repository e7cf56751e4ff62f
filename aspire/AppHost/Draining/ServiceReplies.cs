namespace RealTimeMesh.AppHost.Draining;

// What the services answer on their ledger endpoints, snake_case in JSON.

internal sealed record IngestionLedger(IReadOnlyList<IngestedStream> Streams);

internal sealed record IngestedStream(string Pipeline, string Stream, long Acked, long Accepted, long Rejected, long Indefinite);

internal sealed record SourceList(IReadOnlyList<SourceState> Sources);

internal sealed record SourceState(string Pipeline, string Stream, string Name, string Kind, long Position, long? Total, bool Done, string? Error, long Accepted, long Rejected);

internal sealed record ProcessorLedger(IReadOnlyList<ProcessedStream> Streams, DeliveredLatency Latency);

internal sealed record ProcessedStream(string Pipeline, string Stream, long Applied, long Late, long Quarantined, long DuplicatesSkipped, long Redriven);

internal sealed record DeliveredLatency(long Count, double P50Ms, double P99Ms, double MaxMs);

internal sealed record LakeLedger(IReadOnlyList<StoredStream> Streams);

internal sealed record StoredStream(string Pipeline, string Stream, long Rows, long DeadLettered, long Quarantined, long DuplicatesSkipped, long Redriven);

internal sealed record AuditReply(IReadOnlyList<AuditedStream> Streams);

internal sealed record AuditedStream(string Pipeline, string Stream, long Rows, long DistinctIds);

internal sealed record DrainReply(IReadOnlyList<BuiltTable> Tables, IReadOnlyList<LoadedTable> Loads);

internal sealed record BuiltTable(string Pipeline, string Table, long Version, long SourceVersion, long Rows);

internal sealed record LoadedTable(string Pipeline, string Table, string To, long Version, long Rows);

internal sealed record LakeTables(IReadOnlyList<LakeTable> Tables);

internal sealed record LakeTable(string Pipeline, string Table, long Version, long Rows, long Files, long Bytes);
