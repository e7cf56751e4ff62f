using System.Buffers;
using System.Collections.Concurrent;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Kafka;

/// <summary>Converts values between JSON and Avro in Confluent's wire format, by the schemas of the component's registry.</summary>
internal sealed class AvroValues : IDisposable
{
    private static readonly TimeSpan RegistryTimeout = TimeSpan.FromSeconds(10);

    private readonly RegistryOptions? _options;
    private readonly TimeProvider _time;
    private readonly HttpClient? _http;
    private readonly SchemaRegistryClient? _registry;
    private readonly ConcurrentDictionary<string, Latest> _latest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, AvroSchema> _schemas = new();

    public AvroValues(RegistryOptions? options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        if (options is null)
            return;
        _http = new HttpClient();
        var credentials = options.Key.Length > 0 ? RegistryCredentials.Basic(options.Key, options.Secret) : null;
        _registry = new SchemaRegistryClient(_http, new SchemaRegistryOptions { Url = options.Url, Timeout = RegistryTimeout, Credentials = credentials }, time);
    }

    /// <summary>Frames a JSON value with the latest schema of subject <c>TOPIC-value</c>.</summary>
    public async ValueTask<byte[]> EncodeAsync(string topic, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var latest = await LatestAsync($"{topic}-value", cancellationToken);
        var output = new ArrayBufferWriter<byte>(json.Length + ConfluentFrame.HeaderLength);
        ConfluentFrame.WriteHeader(output.GetSpan(ConfluentFrame.HeaderLength), latest.Id);
        output.Advance(ConfluentFrame.HeaderLength);
        AvroJson.Encode(latest.Schema, json, _options!.AvroJson, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The JSON of a framed value, by the schema whose id it carries. A tombstone stays the null it is.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> DecodeAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (value.Equals(Delivered.Tombstone))
            return value;
        var registry = Registry();
        if (value.Length < ConfluentFrame.HeaderLength)
            throw new BrokerException("value is too short");
        if (!ConfluentFrame.TryRead(value.Span, out var id, out _))
            throw new BrokerException($"value: found first byte {value.Span[0]}; expected 0, the mark of Confluent's wire format; publish with valueSchemaType Avro, or subscribe without.");
        if (!_schemas.TryGetValue(id, out var schema))
            _schemas[id] = schema = await registry.GetSchemaByIdAsync(id, cancellationToken);
        return AvroJson.Decode(schema, value.Span[ConfluentFrame.HeaderLength..], _options!.AvroJson);
    }

    public void Dispose() => _http?.Dispose();

    private async ValueTask<Latest> LatestAsync(string subject, CancellationToken cancellationToken)
    {
        var registry = Registry();
        if (_latest.TryGetValue(subject, out var known) && _time.GetElapsedTime(known.Asked) < _options!.LatestTtl)
            return known;
        var found = await registry.FindLatestAsync(subject, cancellationToken)
            ?? throw new BrokerException($"schema registry {_options!.Url}: found no subject '{subject}'; expected the schema of this topic's values; register it, or publish without valueSchemaType.");
        // A schema that is still the latest needs no parsing again.
        var schema = known.Schema is not null && known.Id == found.Id ? known.Schema : found.Registered.Parse();
        return _latest[subject] = new Latest(found.Id, schema, _time.GetTimestamp());
    }

    private SchemaRegistryClient Registry() => _registry
        ?? throw new BrokerException("schema registry details not set: found valueSchemaType Avro without a schemaRegistryURL; expected one in the component; add it.");

    private readonly record struct Latest(int Id, AvroSchema Schema, long Asked);
}
