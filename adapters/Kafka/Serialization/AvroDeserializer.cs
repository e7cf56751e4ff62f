using System.Collections.Concurrent;
using Confluent.Kafka;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Values;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Kafka.Serialization;

/// <summary>
/// Reads Avro keys or values of <c>Confluent.Kafka</c> consumers, whatever registered schema each was written with: its id
/// stands in front of the value or in a header. The registry is asked once a schema; give it to <c>SetValueDeserializer</c>.
/// Thread-safe.
/// </summary>
/// <typeparam name="T">A record, class or struct; <see cref="AvroRecordValue"/> or object for the generic form.</typeparam>
public sealed class AvroDeserializer<T> : IDeserializer<T>, IAsyncDeserializer<T>
{
    private readonly SchemaRegistryClient _registry;
    private readonly AvroSchema? _reader;
    private readonly AvroLimits? _limits;
    private readonly bool _appliesRules;
    private readonly ConcurrentDictionary<int, Reading> _byId = new();
    private readonly ConcurrentDictionary<Guid, Reading> _byGuid = new();

    /// <summary>Throws <see cref="ContractException"/> where the schema is wrong.</summary>
    /// <param name="registry">Knows the schemas.</param>
    /// <param name="schema">The schema document to read with; null reads each message with the schema it was written with.</param>
    /// <param name="limits">What is taken from hostile bytes; null for the defaults.</param>
    /// <param name="applyRules">Applies the rules that the registry has with the schema a message was written with; one that cannot be applied here is an error.</param>
    public AvroDeserializer(SchemaRegistryClient registry, string? schema = null, AvroLimits? limits = null, bool applyRules = true)
    {
        (_registry, _limits, _appliesRules) = (registry, limits, applyRules);
        _reader = schema is null ? null : AvroSchema.Parse(schema);
    }

    /// <summary>Asks the registry for a schema, so that no message waits for it.</summary>
    public async Task PrepareAsync(int schemaId, CancellationToken cancellationToken) => await ReaderAsync(schemaId, cancellationToken);

    /// <summary>Reads a message; blocks while a schema is asked for, once a schema.</summary>
    public T Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull)
            return default!;

        var payload = Payload(data, context, out var id, out var guid);
        var reader = id != 0
            ? _byId.GetValueOrDefault(id) ?? Task.Run(() => ReaderAsync(id, CancellationToken.None)).GetAwaiter().GetResult()
            : _byGuid.GetValueOrDefault(guid) ?? Task.Run(() => ReaderAsync(guid, CancellationToken.None)).GetAwaiter().GetResult();
        return reader.Read(payload);
    }

    public async Task<T> DeserializeAsync(ReadOnlyMemory<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull)
            return default!;

        Payload(data.Span, context, out var id, out var guid);
        var reader = id != 0
            ? _byId.GetValueOrDefault(id) ?? await ReaderAsync(id, CancellationToken.None)
            : _byGuid.GetValueOrDefault(guid) ?? await ReaderAsync(guid, CancellationToken.None);
        return reader.Read(Payload(data.Span, context, out _, out _));
    }

    private static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> data, SerializationContext context, out int id, out Guid guid)
    {
        if (SchemaIdHeader.TryRead(context, out id, out guid))
            return data;

        if (ConfluentFrame.TryRead(data, out id, out var payload) && id > 0)
            return payload;

        throw new ContractException(data.IsEmpty
            ? $"topic '{context.Topic}': found an empty value; expected a 0 byte, a 4-byte schema id and Avro binary. Check who writes the topic."
            : $"topic '{context.Topic}': found {data.Length} bytes starting with 0x{data[0]:x2}; expected a 0 byte, a 4-byte schema id above 0 and Avro binary. Check who writes the topic.");
    }

    private async Task<Reading> ReaderAsync(int id, CancellationToken cancellationToken) =>
        _byId[id] = Compile(await _registry.GetSchemaByIdAsync(id, cancellationToken), _registry.FindFetched(id));

    private async Task<Reading> ReaderAsync(Guid guid, CancellationToken cancellationToken) =>
        _byGuid[guid] = Compile(await _registry.GetSchemaByGuidAsync(guid, cancellationToken), _registry.FindFetched(guid));

    private Reading Compile(AvroSchema writer, RegisteredSchema? registered) => new(
        AvroCodec.Reader<T>(writer, _reader ?? writer, _limits),
        _appliesRules && registered is not null ? ContractRules.Compile(writer, registered.WholeMetadata, RulePhase.Read) : null);

    /// <summary>How messages of one schema are read.</summary>
    private sealed record Reading(AvroReader<T> Reader, ContractRules? Rules)
    {
        public T Read(ReadOnlySpan<byte> payload) => Reader.Read(Rules is null ? payload : Rules.Apply(payload.ToArray()).Span);
    }
}
