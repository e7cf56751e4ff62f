using System.Buffers;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Warming;

/// <summary>An event with a value in every field. Where a field takes only some values it may be rejected, which needs code too.</summary>
internal static class SampleEvent
{
    public static byte[] Write(RowSchema schema)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var field in schema.Fields)
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, field.Type);
            }

            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteValue(Utf8JsonWriter json, FieldType type)
    {
        switch (type)
        {
            case FieldType.Boolean:
                json.WriteBooleanValue(true);
                break;
            case FieldType.Int32 or FieldType.Int64 or FieldType.Decimal:
                json.WriteNumberValue(1);
                break;
            case FieldType.Float32 or FieldType.Float64:
                json.WriteNumberValue(1.5);
                break;
            case FieldType.Date:
                json.WriteStringValue("2000-01-01"u8);
                break;
            case FieldType.Timestamp:
                json.WriteStringValue("2000-01-01T00:00:00.000001Z"u8);
                break;
            case FieldType.Bytes:
                json.WriteBase64StringValue("A"u8);
                break;
            default:
                json.WriteStringValue("A"u8);
                break;
        }
    }
}
