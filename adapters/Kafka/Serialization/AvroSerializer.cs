using System.Collections.Concurrent;
using Confluent.Kafka;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Values;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Kafka.Serialization;

/// <summary>
/// Writes keys or values of <c>Confluent.Kafka</c> producers as Avro with the id of their registered schema. The registry
/// is asked once a subject (and when the latest schema has grown old); give it to <c>SetValueSerializer</c> as
/// <see cref="IAsyncSerializer{T}"/>, or, after <see cref="PrepareAsync"/>, as <see cref="ISerializer{T}"/>. Thread-safe.
/// </summary>
/// <typeparam name="T">A record, class or struct; <see cref="AvroRecordValue"/> or object for the generic form.</typeparam>
public sealed class AvroSerializer<T> : IAsyncSerializer<T>, ISerializer<T>
{
    private readonly SchemaRegistryClient _registry;
    private readonly AvroSerializerOptions _options;
    private readonly TimeProvider _time;
    private readonly string _schema;
    private readonly AvroWriter<T> _writer;
    private readonly ConcurrentDictionary<string, Target> _targets = new(StringComparer.Ordinal);

    /// <summary>Throws <see cref="ContractException"/> where the type cannot give the schema's values.</summary>
    /// <param name="registry">Knows the schemas.</param>
    /// <param name="schema">The schema document to write with.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="time">By which the latest schema grows old.</param>
    public AvroSerializer(SchemaRegistryClient registry, string schema, AvroSerializerOptions? options, TimeProvider time)
    {
        (_registry, _schema, _options, _time) = (registry, schema, options ?? new AvroSerializerOptions(), time);
        _writer = AvroCodec.Writer<T>(AvroSchema.Parse(schema));
    }

    /// <summary>Asks the registry what messages of a topic need, so that none waits for it.</summary>
    public async Task PrepareAsync(string topic, MessageComponentType component, CancellationToken cancellationToken) =>
        await TargetAsync(SubjectOf(new SerializationContext(component, topic)), cancellationToken);

    public async Task<byte[]> SerializeAsync(T data, SerializationContext context)
    {
        if (data is null)
            return null!;

        var subject = SubjectOf(context);
        return Write(data, context, Known(subject) ?? await TargetAsync(subject, CancellationToken.None));
    }

    /// <summary>As the other; blocks while a subject that was not prepared is asked for, once.</summary>
    public byte[] Serialize(T data, SerializationContext context)
    {
        if (data is null)
            return null!;

        var subject = SubjectOf(context);
        return Write(data, context, Known(subject) ?? Task.Run(() => TargetAsync(subject, CancellationToken.None)).GetAwaiter().GetResult());
    }

    private byte[] Write(T data, SerializationContext context, Target target)
    {
        if (_options.IdPlace == SchemaIdPlace.Payload)
            return target.Rules is { } rules ? [.. target.Prefix, .. rules.Apply(target.Writer.Write(data)).Span] : target.Writer.Write(data, target.Prefix);

        if (context.Headers is null)
            throw new ContractException($"topic '{context.Topic}': found a message without headers; expected headers for the schema's GUID. Give the message headers, or put the id into the value.");

        SchemaIdHeader.Write(context, target.Guid ?? throw new ContractException($"topic '{context.Topic}': found no GUID in the registry's answer; expected one for the message's header. Put the id into the value."));
        return target.Rules is { } applied ? applied.Apply(target.Writer.Write(data)).ToArray() : target.Writer.Write(data);
    }

    private Target? Known(string subject) =>
        _targets.TryGetValue(subject, out var target) && (!_options.UseLatest || _time.GetElapsedTime(target.Asked) < _options.LatestLife) ? target : null;

    private async Task<Target> TargetAsync(string subject, CancellationToken cancellationToken)
    {
        if (!_options.UseLatest)
        {
            var identity = await _registry.IdentifyAsync(subject, _schema, _options.Metadata, _options.AutoRegister, cancellationToken);
            var registered = _options.ApplyRules ? await _registry.FindSchemaAsync(identity.Id, cancellationToken) : null;
            return _targets[subject] = new Target(_writer, Prefix(identity.Id), identity.Guid, 0, Rules(_writer, registered));
        }

        var old = _targets.GetValueOrDefault(subject);
        try
        {
            var latest = await _registry.FindLatestAsync(subject, cancellationToken)
                ?? throw new ContractException($"subject '{subject}': found no schema in the registry; expected the one to write with. Register it, or let the serializer register its own.");
            var prefix = Prefix(latest.Id);
            if (old is not null && old.Prefix.AsSpan().SequenceEqual(prefix))
                return _targets[subject] = old with { Asked = _time.GetTimestamp() };
            var writer = AvroCodec.Writer<T>(latest.Registered.Parse());
            return _targets[subject] = new Target(writer, prefix, latest.Guid, _time.GetTimestamp(), Rules(writer, latest.Registered));
        }
        catch (ContractException) when (old is not null && _registry.IsOut)
        {
            // What was the latest before the outage: asked again when it has grown old once more.
            return _targets[subject] = old with { Asked = _time.GetTimestamp() };
        }
    }

    private ContractRules? Rules(AvroWriter<T> writer, RegisteredSchema? registered) =>
        _options.ApplyRules && registered is not null ? ContractRules.Compile(writer.Schema, registered.WholeMetadata, RulePhase.Write) : null;

    private string SubjectOf(SerializationContext context) => _options.Subject(context, (_writer.Schema as AvroNamed)?.FullName);

    private static byte[] Prefix(int id)
    {
        var prefix = new byte[ConfluentFrame.HeaderLength];
        ConfluentFrame.WriteHeader(prefix, id);
        return prefix;
    }

    private sealed record Target(AvroWriter<T> Writer, byte[] Prefix, Guid? Guid, long Asked, ContractRules? Rules);
}
