namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Small durable records by key: positions and counters.</summary>
internal interface IRecordStore
{
    /// <summary>The record's JSON; empty where there is none.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Returns when the record is as durable as the state store promises.</summary>
    Task WriteAsync(string key, byte[] json, CancellationToken cancellationToken);
}
