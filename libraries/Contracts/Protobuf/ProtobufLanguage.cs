namespace RealTimeMesh.Contracts;

/// <summary>Protobuf as a schema language of registries: <c>.proto</c> text, or a file descriptor in base64.</summary>
internal sealed class ProtobufLanguage : ISchemaLanguage
{
    public string Name => "PROTOBUF";

    public SchemaDocument Parse(string text, IReadOnlyList<ReferencedSchema> references)
    {
        var (file, types) = Load(text, references);
        return new ProtobufDocument(file, types, text.Length);
    }

    /// <summary>Reads a document with those it refers to. Throws <see cref="ContractException"/> where one is wrong or missing.</summary>
    public static (ProtoFile File, ProtoTypes Types) Load(string text, IReadOnlyList<ReferencedSchema> references)
    {
        var file = ReadFile(text);
        var dependencies = new List<(ProtoFile File, string Origin)>();
        foreach (var reference in references)
        {
            try
            {
                dependencies.Add((ReadFile(reference.Text), reference.Origin));
            }
            catch (ContractException e)
            {
                throw new ContractException($"reference '{reference.Name}': {e.Message}", e);
            }
        }

        var known = references.Select(reference => reference.Name).ToHashSet(StringComparer.Ordinal);
        dependencies.InsertRange(0, WellKnownProtos.All.Where(proto => !known.Contains(proto.Key)).Select(proto => (proto.Value, "known")));
        if (file.Imports.Concat(file.PublicImports).FirstOrDefault(import => !known.Contains(import) && !WellKnownProtos.All.ContainsKey(import)) is { } missing)
            throw new ContractException($"import '{missing}': found no reference of this name; expected one for each imported document. Register the document and name it among the references.");

        var types = new ProtoTypes(file, dependencies);
        new ProtoCheck(file, types).Run();
        return (file, types);
    }

    /// <summary>A document as text or as a descriptor. Throws <see cref="ContractException"/> where it is neither.</summary>
    public static ProtoFile ReadFile(string text)
    {
        try
        {
            return ProtoParser.Parse(text);
        }
        catch (ContractException) when (ProtoDescriptorReader.TryRead(text) is { } file)
        {
            return file;
        }
    }

    private sealed class ProtobufDocument(ProtoFile file, ProtoTypes types, int length) : SchemaDocument
    {
        private readonly ProtoFile _file = file;
        private readonly ProtoTypes _types = types;

        public override string Language => "PROTOBUF";

        public override string Canonical { get; } = ProtoWriter.Canonical(file, length);

        public override string Normalized => ProtoWriter.Normalized(_file, _types);

        public override bool HasTopLevelField(string name) =>
            _file.Types.OfType<ProtoMessage>().FirstOrDefault()?.AllFields.Any(field => field.Name == name) == true;

        public override IReadOnlyList<SchemaIncompatibility> CheckReads(SchemaDocument writer, bool lenient)
        {
            var old = (ProtobufDocument)writer;
            return ProtoDiff.Compare(old._file, old._types, _file, _types);
        }

        public override string Format(string form) => form switch
        {
            "serialized" => ProtoDescriptorWriter.Write(_file, _types),
            "ignore_extensions" => ProtoWriter.WithoutExtensions(_file),
            _ => Canonical,
        };
    }
}
