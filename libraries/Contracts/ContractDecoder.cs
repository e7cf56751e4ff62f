namespace RealTimeMesh.Contracts;

/// <summary>
/// Decodes framed events of a topic into rows of one contract, whatever registered schema each was written with.
/// <see cref="PrepareAsync"/> asks the registry once per schema id; after it a batch decodes without waiting.
/// Not thread-safe against a shared <see cref="ColumnBatch"/>; the decoder itself may be shared.
/// </summary>
public sealed class ContractDecoder(AvroContract reader, SchemaRegistryClient registry)
{
    public AvroContract Reader { get; } = reader;

    /// <summary>True where events of this schema id can be decided on (decoded or refused) without asking the registry.</summary>
    public bool IsPrepared(int schemaId) => throw new NotImplementedException($"{registry}");

    /// <summary>Fetches and resolves the schema of an id. Throws only where the registry cannot be reached; an id it does not know is remembered as refused.</summary>
    public ValueTask PrepareAsync(int schemaId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Appends the row of a framed event. False, with the reason, and nothing appended, where it cannot be read.</summary>
    public bool TryDecode(ReadOnlySpan<byte> framed, ColumnBatch output, out string? error) => throw new NotImplementedException();
}
