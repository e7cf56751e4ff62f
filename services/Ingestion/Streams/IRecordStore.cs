namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Small durable records by key: positions, counters, answers.</summary>
internal interface IRecordStore
{
    /// <summary>The record's JSON; empty where there is none.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Returns when the record is as durable as the state store promises.</summary>
    Task WriteAsync(string key, byte[] json, CancellationToken cancellationToken) => WriteAsync([new RecordWrite(key, json)], cancellationToken);

    /// <summary>Writes all of the records or none of them.</summary>
    Task WriteAsync(IReadOnlyList<RecordWrite> records, CancellationToken cancellationToken);
}

/// <param name="Lifetime">After which the record vanishes; null for never.</param>
/// <param name="IsVersioned">It is written by its version elsewhere (see <see cref="Keys.IKeyStore"/>): from then on stores such as Redis refuse writes that name none.</param>
internal readonly record struct RecordWrite(string Key, byte[] Json, TimeSpan? Lifetime = null, bool IsVersioned = false);
