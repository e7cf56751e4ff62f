using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>JSON Schema as a schema language of registries.</summary>
internal sealed class JsonSchemaLanguage : ISchemaLanguage
{
    // A schema within a schema costs at least two levels of JSON.
    private const int MaxDepth = 400;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    public string Name => "JSON";

    public SchemaDocument Parse(string text, IReadOnlyList<ReferencedSchema> references)
    {
        var root = Read(text, "schema");
        var sources = new JsonSchemaSources(root, references.Select(reference => (reference.Name, Read(reference.Text, $"reference '{reference.Name}'"))).ToArray());
        try
        {
            return new Document(root, JsonSchemaLoader.Load(sources));
        }
        catch (InvalidOperationException e)
        {
            // What the JSON reader throws for an escape that is half of a surrogate pair.
            throw new ContractException($"schema: not Unicode: {e.Message}", e);
        }
    }

    private static JsonElement Read(string text, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False
                ? document.RootElement.Clone()
                : throw new ContractException($"{what}: found {document.RootElement.ValueKind}; expected an object or a boolean");
        }
        catch (JsonException e)
        {
            throw new ContractException($"{what}: not JSON: {e.Message}", e);
        }
    }

    private sealed class Document(JsonElement root, JsonSchemaNode node) : SchemaDocument
    {
        private readonly JsonSchemaNode _node = node;

        public override string Language => "JSON";

        public override string Canonical { get; } = JsonSchemaText.Canonical(root);

        public override string Normalized => JsonSchemaText.Sorted(root);

        public override bool HasTopLevelField(string name) =>
            root.ValueKind == JsonValueKind.Object && root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out _);

        public override IReadOnlyList<SchemaIncompatibility> CheckReads(SchemaDocument writer, bool lenient) =>
            JsonSchemaDiff.Compare(((Document)writer)._node, _node, lenient);
    }
}
