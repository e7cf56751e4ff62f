using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Net.Http.Headers;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>The forms of each stream, by media type.</summary>
internal sealed class PayloadForms(SchemaRegistryClient registry, TimeProvider time)
{
    /// <summary>Forms that senders have named by parameters.</summary>
    private const int MaxNamed = 1_000;

    public static IReadOnlyList<string> AvroTypes { get; } = ["application/avro", "avro/binary", "application/vnd.apache.avro", "application/vnd.apache.avro+binary", "application/x-avro"];

    public static IReadOnlyList<string> ProtobufTypes { get; } = ["application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"];

    private readonly ConcurrentDictionary<string, AvroForm> _avro = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Topic, int? SchemaId, string? Message), ProtobufForm> _protobuf = new();

    public AvroForm Avro(StreamSpec stream) => _avro.GetOrAdd(stream.Topic, _ => new AvroForm(stream, registry, time));

    public ProtobufForm Protobuf(StreamSpec stream, int? schemaId, string? message)
    {
        var key = (stream.Topic, schemaId, message);
        if (_protobuf.TryGetValue(key, out var known))
            return known;
        if (_protobuf.Count >= MaxNamed)
            _protobuf.Clear();
        return _protobuf.GetOrAdd(key, _ => new ProtobufForm(stream, registry, time, schemaId, message));
    }

    /// <summary>The form of a content type; null for JSON. False, with the reason, where there is none.</summary>
    public bool TryFind(StreamSpec stream, string contentType, out IPayloadForm? form, out string error)
    {
        form = null;
        error = "";
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type))
        {
            error = $"found '{contentType}'; expected a media type";
            return false;
        }

        var name = type.MediaType.Value ?? "";
        if (AvroTypes.Contains(name, StringComparer.OrdinalIgnoreCase))
            form = Avro(stream);
        else if (ProtobufTypes.Contains(name, StringComparer.OrdinalIgnoreCase))
            return TryProtobuf(stream, type, out form, out error);
        else if (!name.Equals("application/json", StringComparison.OrdinalIgnoreCase) && !name.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            error = $"found '{contentType}'; expected application/json, {AvroTypes[0]} or {ProtobufTypes[0]}";
        return error.Length == 0;
    }

    /// <summary>
    /// The form of an event from a topic, prepared for it: by its content type, and where that says nothing by its first bytes. Throws
    /// <see cref="ContractException"/> where the registry gives no usable answer in time.
    /// </summary>
    public async ValueTask<PayloadForm> PrepareAsync(StreamSpec stream, string? contentType, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var found = contentType is not null && TryFind(stream, contentType, out var named, out _)
            ? new PayloadForm(named, contentType)
            : await GuessAsync(stream, payload, cancellationToken);
        if (found.Form is { } form && !form.IsPrepared(payload.Span))
            await form.PrepareAsync(payload, cancellationToken);
        return found;
    }

    /// <summary>No JSON begins with a 0 byte, as Confluent's frame does, with the marker of Avro's single-object encoding, or as an Avro file.</summary>
    private async ValueTask<PayloadForm> GuessAsync(StreamSpec stream, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (AvroFingerprint.TryRead(payload.Span, out _, out _) || payload.Span.StartsWith(AvroFileForm.Magic))
            return new PayloadForm(Avro(stream), AvroTypes[0]);
        if (!ConfluentFrame.TryRead(payload.Span, out var id, out _))
            return default;
        return (registry.FindFetched(id) ?? await registry.FindSchemaAsync(id, cancellationToken)) is { Language: "PROTOBUF" }
            ? new PayloadForm(Protobuf(stream, null, null), ProtobufTypes[0])
            : new PayloadForm(Avro(stream), AvroTypes[0]);
    }

    /// <summary>The Protobuf form that the parameters <c>schema</c> and <c>messageType</c> (or <c>proto</c>) name.</summary>
    public bool TryProtobuf(StreamSpec stream, MediaTypeHeaderValue type, out IPayloadForm? form, out string error)
    {
        form = null;
        error = "";
        int? id = null;
        if (Parameter(type, "schema") is { } schema)
        {
            if (!int.TryParse(schema, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                error = $"parameter 'schema': found '{schema}'; expected the id of a registered schema";
                return false;
            }

            id = number;
        }

        form = Protobuf(stream, id, Parameter(type, "messageType") ?? Parameter(type, "proto"));
        return true;
    }

    /// <summary>The media type of one event of a body: without what says that there are several.</summary>
    public static string OneEvent(MediaTypeHeaderValue type)
    {
        var one = type.MediaType.Equals("application/vnd.google.protobuf", StringComparison.OrdinalIgnoreCase) ? ProtobufTypes[0] : type.MediaType.ToString();
        foreach (var parameter in type.Parameters)
        {
            if (!parameter.Name.Equals("delimited", StringComparison.OrdinalIgnoreCase) && !parameter.Name.Equals("encoding", StringComparison.OrdinalIgnoreCase))
                one = $"{one};{parameter.Name}={parameter.Value}";
        }

        return one;
    }

    /// <summary>A parameter of a media type without quotes; null where it isn't there.</summary>
    public static string? Parameter(MediaTypeHeaderValue type, string name)
    {
        foreach (var parameter in type.Parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return HeaderUtilities.RemoveQuotes(parameter.Value).ToString();
        }

        return null;
    }
}

/// <summary>A form with the media type that names it; none for JSON.</summary>
internal readonly record struct PayloadForm(IPayloadForm? Form, string ContentType);
