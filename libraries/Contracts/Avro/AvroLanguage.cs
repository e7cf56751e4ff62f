using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Avro as a schema language of registries.</summary>
internal sealed class AvroLanguage : ISchemaLanguage
{
    public string Name => "AVRO";

    public SchemaDocument Parse(string text, IReadOnlyList<ReferencedSchema> references)
    {
        var parser = new AvroSchemaParser();
        foreach (var reference in references)
            parser.ParseDocument(reference.Text);

        using var document = AvroSchemaParser.Open(text);
        return new AvroDocument(parser.ParseRoot(document), AvroText.Canonical(document, text.Length), references);
    }

    private sealed class AvroDocument(AvroSchema schema, string canonical, IReadOnlyList<ReferencedSchema> references) : SchemaDocument
    {
        private readonly AvroSchema _schema = schema;

        public override string Language => "AVRO";

        public override string Canonical { get; } = canonical;

        public override string Normalized => AvroNormalText.Write(Canonical);

        public override bool HasTopLevelField(string name) =>
            _schema is AvroRecord record && record.Fields.Any(field => field.Name == name);

        public override IReadOnlyList<SchemaIncompatibility> CheckReads(SchemaDocument writer, bool lenient) =>
            SchemaCompatibility.Check(_schema, ((AvroDocument)writer)._schema);

        public override string Format(string form) =>
            form == "resolved" ? AvroText.Resolved(Canonical, references) : Canonical;
    }
}
