using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Names of fields that hold personal data, in schemas of any language: <c>"pii": true</c> or the tag PII in
/// <c>confluent:tags</c> (Avro, JSON Schema), in <c>(confluent.field_meta)</c>, or an option <c>(pii)</c> of any package
/// (Protobuf); and what the registry's metadata tags.
/// </summary>
public static class PersonalNames
{
    private const int MaxDepth = 256;

    /// <summary>The fields' own names, of the schema and of those it refers to; <c>*</c> where a tag is for any field.</summary>
    public static IReadOnlyCollection<string> Of(RegisteredSchema schema)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in schema.Metadata.PiiFields)
            names.Add(path[(path.LastIndexOf('.') + 1)..].Replace("**", "*", StringComparison.Ordinal));
        foreach (var text in schema.References.Select(reference => reference.Text).Append(schema.Text))
        {
            if (schema.Language == "PROTOBUF")
                Messages(ProtobufLanguage.ReadFile(text).Types, names);
            else
                Document(text, names);
        }

        return names;
    }

    private static void Document(string text, HashSet<string> names)
    {
        using var document = JsonDocument.Parse(text, AvroText.Input);
        Collect(document.RootElement, names, 0);
    }

    private static void Collect(JsonElement element, HashSet<string> names, int depth)
    {
        if (depth > MaxDepth)
            return;
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, names, depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (IsTagged(element) && element.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                names.Add(name.GetString()!);
            foreach (var property in element.EnumerateObject())
            {
                // In JSON Schema the name stands before the schema: under properties, whatever is tagged there.
                if (IsTagged(property.Value))
                    names.Add(property.Name);
                Collect(property.Value, names, depth + 1);
            }
        }
    }

    private static bool IsTagged(JsonElement element) => element.ValueKind == JsonValueKind.Object
        && ((element.TryGetProperty("pii", out var pii) && pii.ValueKind == JsonValueKind.True)
            || (element.TryGetProperty("confluent:tags", out var tags) && tags.ValueKind == JsonValueKind.Array
                && tags.EnumerateArray().Any(tag => tag.ValueKind == JsonValueKind.String && IsPersonal(tag.GetString()!))));

    private static void Messages(IEnumerable<ProtoType> types, HashSet<string> names)
    {
        foreach (var message in types.OfType<ProtoMessage>())
        {
            foreach (var field in message.AllFields.Concat(message.Extends.SelectMany(extend => extend.Fields)).Where(field => field.Options.Any(IsTagged)))
                names.Add(field.Name);
            Messages(message.Types, names);
        }
    }

    private static bool IsTagged(ProtoOption option) => option.Name switch
    {
        "(confluent.field_meta).tags" or "(.confluent.field_meta).tags" => HasTag(option.Value),
        "(confluent.field_meta)" or "(.confluent.field_meta)" => option.Value is ProtoMap map && map.Members.Any(member => member.Key == "tags" && HasTag(member.Value)),
        var name => option.Value is ProtoWord { Text: "true" } && (name == "(pii)" || name.EndsWith(".pii)", StringComparison.Ordinal)),
    };

    private static bool HasTag(ProtoValue value) => value switch
    {
        ProtoText text => IsPersonal(text.Text),
        ProtoList list => list.Items.Any(HasTag),
        _ => false,
    };

    private static bool IsPersonal(string tag) => tag.Equals(ContractMetadata.Pii, StringComparison.OrdinalIgnoreCase);
}
