using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>A form that events of one stream arrive in, other than JSON: bytes to rows. Thread-safe.</summary>
internal interface IPayloadForm
{
    /// <summary>True where an event can be decided on (taken or refused) without asking the registry.</summary>
    bool IsPrepared(ReadOnlySpan<byte> payload);

    /// <summary>Fetches the schema that an event needs. Throws <see cref="ContractException"/> only where the registry gives no usable answer in time.</summary>
    ValueTask PrepareAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Appends the event's row. False, with the reason, and nothing appended, where it can't be one.</summary>
    bool TryAppend(ReadOnlySpan<byte> payload, ColumnBatch rows, out RowFault fault);
}
