using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>The schema of values in Confluent's wire format, in any of its languages.</summary>
internal sealed class FramedSchema
{
    /// <summary>Messages within messages that a frame may lead through.</summary>
    private const int MaxIndexes = 64;

    private readonly ProtobufSchema? _protobuf;

    private FramedSchema(RegisteredSchema schema)
    {
        Personal = PersonalFields.Of(schema);
        switch (schema.Language)
        {
            case "AVRO":
                (Avro, Format) = (schema.Parse(), "avro");
                break;
            case "PROTOBUF":
                (_protobuf, Format) = (ProtobufSchema.Parse(schema), "protobuf");
                break;
            default:
                Format = "json";
                break;
        }
    }

    /// <summary>How values are shown to be written.</summary>
    public string Format { get; }

    public PersonalFields Personal { get; }

    /// <summary>Null where it is of another language.</summary>
    public AvroSchema? Avro { get; }

    /// <summary>Throws <see cref="ContractException"/> where the document is wrong.</summary>
    public static FramedSchema Of(RegisteredSchema schema) => new(schema);

    /// <summary>A value behind its frame. Throws <see cref="ContractException"/> or <see cref="System.Text.Json.JsonException"/> where it is none of the schema.</summary>
    public JsonNode? Decode(ReadOnlySpan<byte> payload)
    {
        if (Avro is not null)
            return JsonNode.Parse(AvroJson.Decode(Avro, payload, tagged: false));
        if (_protobuf is null)
            return JsonNode.Parse(payload);
        var indexes = Indexes(ref payload);
        return _protobuf.ToJson(_protobuf.Find(indexes) ?? throw new ContractException($"Protobuf schema: found no message at place {string.Join('.', indexes)}; expected the place of one."), payload);
    }

    /// <summary>The places that lead to the message's type: how many and which, 0 for the first type of the document.</summary>
    private static int[] Indexes(ref ReadOnlySpan<byte> payload)
    {
        var count = Integer(ref payload);
        if (count is < 0 or > MaxIndexes)
            throw new ContractException($"Protobuf frame: found {count} places; expected 0 to {MaxIndexes}.");
        var indexes = new int[Math.Max(1, count)];
        for (var i = 0; i < count; i++)
            indexes[i] = Integer(ref payload);
        return indexes;
    }

    /// <summary>A zigzag number of variable length.</summary>
    private static int Integer(ref ReadOnlySpan<byte> payload)
    {
        uint bits = 0;
        for (var i = 0; i < 5 && i < payload.Length; i++)
        {
            bits |= (uint)(payload[i] & 0x7f) << (7 * i);
            if (payload[i] >= 0x80)
                continue;
            payload = payload[(i + 1)..];
            return (int)(bits >> 1) ^ -(int)(bits & 1);
        }

        throw new ContractException("Protobuf frame: found no whole number; expected the places of the message's type.");
    }
}
