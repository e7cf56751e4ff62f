using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// The canonical text of an Avro schema document, in the order in which Avro's Java library writes it, so that a registry
/// gives the same text whoever registered it: no white space, <c>{"type":"string"}</c> as <c>"string"</c>, names without
/// the namespace that surrounds them, a repeated definition as its name. Unlike the parsing canonical form it keeps docs,
/// defaults, aliases, logical types and custom attributes: two contracts that differ in those are two contracts.
/// </summary>
public static class AvroText
{
    internal static readonly JsonWriterOptions Output = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = AvroSchemaParser.MaxJsonDepth };

    internal static readonly JsonDocumentOptions Input = new() { MaxDepth = AvroSchemaParser.MaxJsonDepth };

    /// <summary>Rewrites a document that <see cref="AvroSchema.Parse"/> accepts.</summary>
    public static string Canonical(string json) => Write(json, []);

    /// <summary>As the other overload, of a document that is open already.</summary>
    internal static string Canonical(JsonDocument document, int length)
    {
        try
        {
            return ToText(writer => new AvroTextWriter(writer, []).Type(document.RootElement, "", ""), length);
        }
        catch (InvalidOperationException e)
        {
            throw new ContractException($"schema: cannot be written as text: {e.Message}", e);
        }
    }

    /// <summary>As <see cref="Canonical(string)"/>, with the definitions of other documents in place of their names.</summary>
    internal static string Resolved(string json, IReadOnlyList<ReferencedSchema> references) => Write(json, references);

    internal static string ToText(Action<Utf8JsonWriter> write, int length)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(length, 16));
        using (var writer = new Utf8JsonWriter(buffer, Output))
            write(writer);

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Write(string json, IReadOnlyList<ReferencedSchema> references)
    {
        var open = new List<JsonDocument>();
        try
        {
            var known = new Dictionary<string, (JsonElement Type, string Space)>(StringComparer.Ordinal);
            foreach (var reference in references)
            {
                var document = JsonDocument.Parse(reference.Text, Input);
                open.Add(document);
                Collect(document.RootElement, "", known);
            }

            var own = JsonDocument.Parse(json, Input);
            open.Add(own);
            return ToText(writer => new AvroTextWriter(writer, known).Type(own.RootElement, "", ""), json.Length);
        }
        catch (InvalidOperationException e)
        {
            throw new ContractException($"schema: found definitions within definitions that are too deep to write as one document: {e.Message}", e);
        }
        finally
        {
            open.ForEach(document => document.Dispose());
        }
    }

    private static void Collect(JsonElement type, string space, Dictionary<string, (JsonElement Type, string Space)> known)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            foreach (var branch in type.EnumerateArray())
                Collect(branch, space, known);

            return;
        }

        if (type.ValueKind != JsonValueKind.Object)
            return;

        if (type.TryGetProperty("name", out _) && type.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String)
        {
            var name = AvroTextWriter.FullName(type, space);
            known.TryAdd(name, (type, space));
            space = AvroNames.SpaceOf(name);
        }

        foreach (var part in type.EnumerateObject())
        {
            if (part.Name is "type" or "items" or "values")
                Collect(part.Value, space, known);
            else if (part.Name == "fields" && part.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var field in part.Value.EnumerateArray())
                {
                    if (field.TryGetProperty("type", out var fieldType))
                        Collect(fieldType, space, known);
                }
            }
        }
    }
}
