using System.Collections.Concurrent;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Decodes framed events of a topic into rows of one contract, whatever registered schema each was written with.
/// <see cref="PrepareAsync"/> asks the registry once per schema id; after it a batch decodes without waiting.
/// Thread-safe; the <see cref="ColumnBatch"/> that it fills is not.
/// </summary>
public sealed class ContractDecoder(AvroContract reader, SchemaRegistryClient registry)
{
    // Ids come from the events, so from outside: what is remembered about bad ones is bounded.
    private const int MaxRefused = 1_000;

    private const string Framed = "a 0 byte, a 4-byte schema id and Avro binary";

    /// <summary>How long a schema id that the registry does not know is refused before it is asked again.</summary>
    private static readonly TimeSpan RefusalLife = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<int, ContractReader> _readers = new();
    private readonly ConcurrentDictionary<int, Refusal> _refused = new();
    private LastReader _last = new(-1, null!);

    /// <summary>The contract whose rows are made.</summary>
    public AvroContract Reader { get; } = reader;

    /// <summary>True where events of this schema id can be decided on (decoded or refused) without asking the registry.</summary>
    public bool IsPrepared(int schemaId) =>
        _readers.ContainsKey(schemaId) || (_refused.TryGetValue(schemaId, out var refusal) && refusal.Until > registry.Time.GetTimestamp());

    /// <summary>
    /// Fetches and resolves the schema of an id. An id that the registry does not know, or whose schema this contract
    /// cannot read, is refused from here on: its events are bad, nothing is wrong with the consumer. Throws
    /// <see cref="ContractException"/> only where the registry gives no usable answer within its timeout.
    /// </summary>
    public async ValueTask PrepareAsync(int schemaId, CancellationToken cancellationToken)
    {
        if (IsPrepared(schemaId))
            return;

        var schema = await registry.FetchAsync(schemaId, cancellationToken);
        if (schema is not { Language: "AVRO" })
        {
            Refuse(schemaId, schema is null ? $"schema id {schemaId} is not in the registry" : $"schema id {schemaId} is of type {schema.Language}; expected AVRO");
            return;
        }

        try
        {
            _readers[schemaId] = Reader.Resolve(schema.Parse());
            _refused.TryRemove(schemaId, out _);
        }
        catch (ContractException e)
        {
            Refuse(schemaId, $"schema id {schemaId}: {e.Message}");
        }
    }

    /// <summary>
    /// Appends the row of a framed event to the contract's columns, the first ones of <paramref name="output"/>. False,
    /// with the reason, and nothing appended, where it cannot be read.
    /// </summary>
    public bool TryDecode(ReadOnlySpan<byte> framed, ColumnBatch output, out string? error)
    {
        if (!ConfluentFrame.TryRead(framed, out var id, out var payload))
        {
            error = $"{Shape(framed)}; expected {Framed}";
            return false;
        }

        if (Find(id) is { } reader)
            return reader.TryRead(payload, output, out error);

        error = Refused(id);
        return false;
    }

    /// <summary>As <see cref="TryDecode"/>, with the field and the rule apart from the reason.</summary>
    public bool TryDecodeRow(ReadOnlySpan<byte> framed, ColumnBatch output, out RowFault fault)
    {
        if (!ConfluentFrame.TryRead(framed, out var id, out var payload))
            fault = new RowFault("", RowRules.Avro, Shape(framed), Framed);
        else if (Find(id) is { } reader)
            return reader.TryReadRow(payload, output, out fault);
        else
            fault = new RowFault("", RowRules.Schema, Refused(id), $"the id of a registered Avro schema that contract '{Reader.Name}' can read");
        return false;
    }

    private static string Shape(ReadOnlySpan<byte> framed) =>
        framed.IsEmpty ? "empty value" : $"{framed.Length} bytes starting with 0x{framed[0]:x2}";

    private string Refused(int id) => _refused.TryGetValue(id, out var refusal) ? refusal.Reason : $"unknown schema id {id}";

    private ContractReader? Find(int id)
    {

        // A batch is nearly always of one schema.
        var last = Volatile.Read(ref _last);
        if (last.Id == id && last.Reader is not null)
            return last.Reader;

        if (_readers.TryGetValue(id, out var found))
            Volatile.Write(ref _last, new LastReader(id, found));

        return found;
    }

    private void Refuse(int schemaId, string reason)
    {
        if (_refused.Count >= MaxRefused)
            _refused.Clear();

        var until = registry.Time.GetTimestamp() + (long)(RefusalLife.TotalSeconds * registry.Time.TimestampFrequency);
        _refused[schemaId] = new Refusal(reason, until);
    }

    private sealed record LastReader(int Id, ContractReader Reader);

    private sealed record Refusal(string Reason, long Until);
}
