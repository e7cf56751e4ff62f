using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;

namespace RealTimeMesh.Contracts;

/// <summary>Fingerprints of schemas (Avro 1.12, "Schema Fingerprints") and the single-object encoding that uses them.</summary>
public static class AvroFingerprint
{
    /// <summary>Bytes before the value: the marker C3 01 and the fingerprint.</summary>
    public const int HeaderLength = 10;

    private const ulong Empty = 0xC15D213AA4D7A795;

    private static readonly ulong[] Table = MakeTable();

    /// <summary>CRC-64-AVRO of the schema's parsing canonical form.</summary>
    public static ulong Of(AvroSchema schema) => Crc64(Encoding.UTF8.GetBytes(ParsingForm(schema)));

    /// <summary>The schema's parsing canonical form: what decides how its values are written, and nothing else.</summary>
    public static string ParsingForm(AvroSchema schema)
    {
        var text = new StringBuilder();
        Write(schema, text, []);
        return text.ToString();
    }

    /// <summary>Splits a message in single-object encoding. False where it does not begin with the marker and a fingerprint.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out ulong fingerprint, out ReadOnlySpan<byte> payload)
    {
        if (message.Length < HeaderLength || message[0] != 0xC3 || message[1] != 0x01)
        {
            fingerprint = 0;
            payload = default;
            return false;
        }

        fingerprint = BinaryPrimitives.ReadUInt64LittleEndian(message[2..]);
        payload = message[HeaderLength..];
        return true;
    }

    /// <summary>Writes the marker and a fingerprint.</summary>
    public static void WriteHeader(Span<byte> destination, ulong fingerprint)
    {
        destination[0] = 0xC3;
        destination[1] = 0x01;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[2..], fingerprint);
    }

    internal static ulong Crc64(ReadOnlySpan<byte> bytes)
    {
        var crc = Empty;
        foreach (var b in bytes)
            crc = (crc >> 8) ^ Table[(byte)(crc ^ b)];

        return crc;
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
                value = (value >> 1) ^ (Empty & (ulong)-(long)(value & 1));

            table[i] = value;
        }

        return table;
    }

    private static void Write(AvroSchema schema, StringBuilder text, HashSet<string> written)
    {
        switch (schema)
        {
            case AvroNamed named when !written.Add(named.FullName):
                Text(named.FullName, text);
                break;
            case AvroRecord record:
                Named(record, "record", text).Append(",\"fields\":[");
                for (var i = 0; i < record.Fields.Count; i++)
                {
                    text.Append(i == 0 ? "{\"name\":" : ",{\"name\":");
                    Text(record.Fields[i].Name, text).Append(",\"type\":");
                    Write(record.Fields[i].Schema, text, written);
                    text.Append('}');
                }

                text.Append("]}");
                break;
            case AvroEnum symbols:
                Named(symbols, "enum", text).Append(",\"symbols\":[");
                for (var i = 0; i < symbols.Symbols.Count; i++)
                    Text(symbols.Symbols[i], i == 0 ? text : text.Append(','));

                text.Append("]}");
                break;
            case AvroFixed bytes:
                Named(bytes, "fixed", text).Append(",\"size\":").Append(bytes.Size).Append('}');
                break;
            case AvroArray array:
                text.Append("{\"type\":\"array\",\"items\":");
                Write(array.Items, text, written);
                text.Append('}');
                break;
            case AvroMap map:
                text.Append("{\"type\":\"map\",\"values\":");
                Write(map.Values, text, written);
                text.Append('}');
                break;
            case AvroUnion union:
                text.Append('[');
                for (var i = 0; i < union.Branches.Count; i++)
                    Write(union.Branches[i], i == 0 ? text : text.Append(','), written);

                text.Append(']');
                break;
            default:
                Text(schema.Kind.ToString().ToLowerInvariant(), text);
                break;
        }
    }

    private static StringBuilder Named(AvroNamed schema, string kind, StringBuilder text) =>
        Text(schema.FullName, text.Append("{\"name\":")).Append(",\"type\":\"").Append(kind).Append('"');

    private static StringBuilder Text(string value, StringBuilder text) =>
        text.Append('"').Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)).Append('"');
}
