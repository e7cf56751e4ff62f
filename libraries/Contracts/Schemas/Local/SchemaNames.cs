using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>A name in a document that stands for another document.</summary>
/// <param name="Name">As the document writes it (Avro: the full name).</param>
/// <param name="Address">The same made absolute, where the document has an address.</param>
/// <param name="Place">What refers to it, for people.</param>
internal readonly record struct SchemaName(string Name, string Address, string Place);

/// <summary>Reads from documents which names they use and which they define, without reading them as schemas.</summary>
internal static class SchemaNames
{
    /// <summary>Names that other documents must define, in the order of the document, each once. Empty where it cannot be read: its parser says why.</summary>
    public static IReadOnlyList<SchemaName> Foreign(string text, string language)
    {
        try
        {
            return [.. (language switch
            {
                "AVRO" => Avro(text).Foreign(),
                "PROTOBUF" => Imports(text),
                _ => References(text),
            }).DistinctBy(name => name.Name)];
        }
        catch (Exception e) when (e is ContractException or JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Full names that an Avro document defines.</summary>
    public static IEnumerable<string> Defined(string text) => Avro(text).Defined;

    /// <summary>The address that a JSON Schema gives itself; null where it gives none.</summary>
    public static string? Address(string text)
    {
        using var document = JsonDocument.Parse(text, AvroText.Input);
        return JsonSchemaSources.BaseOf(document.RootElement, "") is { Length: > 0 } address ? address : null;
    }

    private static AvroNameWalk Avro(string text)
    {
        using var document = AvroSchemaParser.Open(text);
        var walk = new AvroNameWalk();
        walk.Type(document.RootElement, "");
        return walk;
    }

    private static IEnumerable<SchemaName> Imports(string text)
    {
        var file = ProtoParser.Parse(text);
        return file.Imports.Concat(file.PublicImports).Where(import => !WellKnownProtos.All.ContainsKey(import)).Select(import => new SchemaName(import, import, "import"));
    }

    private static List<SchemaName> References(string text)
    {
        using var document = JsonDocument.Parse(text, AvroText.Input);
        var sources = new JsonSchemaSources(document.RootElement, []);
        var found = new List<SchemaName>();
        Collect(document.RootElement, sources.Root.Base, sources, found);
        return found;
    }

    private static void Collect(JsonElement element, string around, JsonSchemaSources sources, List<SchemaName> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, around, sources, found);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var address = JsonSchemaSources.BaseOf(element, around);
            if (JsonSchemaSources.Text(element, "$ref") is { Length: > 0 } reference && reference[0] != '#' && !JsonSchemaSources.IsMetaSchema(reference))
            {
                var document = reference.Split('#', 2)[0];
                if (sources.Find(new JsonSchemaPlace(element, address, 0), document) is null)
                    found.Add(new SchemaName(document, JsonSchemaSources.Combine(address, document), $"$ref '{reference}'"));
            }

            foreach (var member in element.EnumerateObject().Where(member => member.Name is not ("enum" or "const" or "default" or "examples")))
                Collect(member.Value, address, sources, found);
        }
    }

    /// <summary>Types of an Avro document by name, used and defined.</summary>
    private sealed class AvroNameWalk
    {
        private readonly List<(string Name, string Place)> _used = [];

        public HashSet<string> Defined { get; } = new(StringComparer.Ordinal);

        public IEnumerable<SchemaName> Foreign() => _used.Where(use => !Defined.Contains(use.Name)).Select(use => new SchemaName(use.Name, use.Name, use.Place));

        public void Type(JsonElement type, string space, string place = "schema")
        {
            switch (type.ValueKind)
            {
                case JsonValueKind.String when !AvroSchemaParser.IsPrimitive(type.GetString()!):
                    _used.Add((AvroNames.Qualify(type.GetString()!, space), place));
                    break;
                case JsonValueKind.Array:
                    foreach (var branch in type.EnumerateArray())
                        Type(branch, space, place);
                    break;
                case JsonValueKind.Object when type.TryGetProperty("type", out var kind):
                    Object(type, kind, space, place);
                    break;
            }
        }

        private void Object(JsonElement type, JsonElement kind, string space, string place)
        {
            var word = kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;
            switch (word)
            {
                case "record" or "error" or "enum" or "fixed" when Text(type, "name") is { } name:
                    var full = AvroNames.Qualify(name, Text(type, "namespace") ?? space);
                    Defined.Add(full);
                    if (type.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array)
                    {
                        foreach (var field in fields.EnumerateArray().Where(field => field.ValueKind == JsonValueKind.Object && field.TryGetProperty("type", out _)))
                            Type(field.GetProperty("type"), AvroNames.SpaceOf(full), $"{full}: field '{Text(field, "name")}'");
                    }

                    break;
                case "array" or "map":
                    if (type.TryGetProperty(word == "array" ? "items" : "values", out var inner))
                        Type(inner, space, place);
                    break;
                default:
                    Type(kind, space, place);
                    break;
            }
        }

        private static string? Text(JsonElement element, string key) =>
            element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
