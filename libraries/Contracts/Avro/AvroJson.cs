using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Converts values of any schema between JSON and Avro binary. In plain JSON a union's value stands for itself; in Avro's
/// own JSON encoding it stands in an object that names its branch (<c>{"long": 5}</c>). Bytes and fixed are texts of the
/// characters U+0000 to U+00FF; logical types are written as the type below them.
/// </summary>
public static class AvroJson
{
    /// <summary>Most levels of nesting, so that no value exhausts the stack.</summary>
    internal const int MaxDepth = 64;

    /// <summary>Encodes a JSON value. Throws <see cref="ContractException"/> naming the place that does not fit the schema.</summary>
    /// <param name="schema">What the value must be.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="tagged">The JSON is Avro's own encoding.</param>
    /// <param name="output">Gets the binary.</param>
    public static void Encode(AvroSchema schema, ReadOnlyMemory<byte> json, bool tagged, IBufferWriter<byte> output)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new ContractException($"value of schema '{schema}': found text that is not JSON ({e.Message}); expected a JSON value. Publish JSON, or no valueSchemaType.", e);
        }

        using (document)
            new AvroJsonEncoder(output, tagged).Write(schema, document.RootElement, "$");
    }

    /// <summary>Decodes a binary value. Throws <see cref="ContractException"/> where the payload does not follow the schema.</summary>
    public static byte[] Decode(AvroSchema schema, ReadOnlySpan<byte> payload, bool tagged)
    {
        var output = new ArrayBufferWriter<byte>(payload.Length * 2 + 64);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            var cursor = new AvroCursor(payload);
            if (!new AvroJsonDecoder(json, tagged).Read(schema, ref cursor, 0))
                throw new ContractException($"value of schema '{schema}'{(cursor.Path is null ? "" : $", field '{cursor.Path}'")}: found {cursor.Error}; expected {payload.Length} bytes written with this schema. Check that the schema id in front of the value is that of its writer.");
        }

        return output.WrittenSpan.ToArray();
    }
}
