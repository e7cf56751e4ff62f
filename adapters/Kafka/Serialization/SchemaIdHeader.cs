using Confluent.Kafka;

namespace RealTimeMesh.Kafka.Serialization;

/// <summary>The header that carries a schema's id.</summary>
internal static class SchemaIdHeader
{
    private const byte IdForm = 0;
    private const byte GuidForm = 1;

    public static void Write(SerializationContext context, Guid guid)
    {
        var value = new byte[17];
        value[0] = GuidForm;
        guid.TryWriteBytes(value.AsSpan(1), bigEndian: true, out _);
        context.Headers.Remove(NameOf(context));
        context.Headers.Add(NameOf(context), value);
    }

    /// <summary>The id or GUID in the header; false where there is no such header.</summary>
    public static bool TryRead(SerializationContext context, out int id, out Guid guid)
    {
        id = 0;
        guid = default;
        if (context.Headers is null || !context.Headers.TryGetLastBytes(NameOf(context), out var value))
            return false;

        switch (value)
        {
            case { Length: 5 } when value[0] == IdForm:
                id = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(value.AsSpan(1));
                return true;
            case { Length: 17 } when value[0] == GuidForm:
                guid = new Guid(value.AsSpan(1), bigEndian: true);
                return true;
            default:
                throw new RealTimeMesh.Contracts.ContractException($"header {NameOf(context)}: found {Convert.ToHexString(value)}; expected byte 1 and a GUID, or byte 0 and a 4-byte id. Check who writes the topic.");
        }
    }

    private static string NameOf(SerializationContext context) => context.Component == MessageComponentType.Key ? "__key_schema_id" : "__value_schema_id";
}
