using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Reads documents with the documents they refer to.</summary>
internal sealed class SchemaParser(RegistryStore store)
{
    private const int LongestChain = 1000;

    private readonly ParsedDocuments _parsed = new();

    /// <summary>Reads what a client sent. Throws <see cref="RegistryException"/> where it is no schema.</summary>
    /// <param name="subject">Whose context the references are of.</param>
    /// <param name="type">The language.</param>
    /// <param name="text">The document.</param>
    /// <param name="references">What it refers to.</param>
    public SchemaDocument Parse(string subject, string type, string text, IReadOnlyList<SchemaReference> references)
    {
        var language = SchemaLanguages.Find(type) ?? throw RegistryException.InvalidSchema($"Invalid schema type {type}");
        try
        {
            return language.Parse(text, Resolve(subject, references));
        }
        catch (ContractException e)
        {
            throw RegistryException.InvalidSchema(type, e.Message);
        }
    }

    /// <summary>The document of a version that is registered.</summary>
    public SchemaDocument Parse(SubjectVersion version) => Parse(version.Subject, version.Content);

    public SchemaDocument Parse(string subject, SchemaContent content)
    {
        if (_parsed.Find(content) is { } known)
            return known;

        var document = Parse(subject, content.Type, content.Text, content.References);
        Remember(content, document);
        return document;
    }

    /// <summary>Keeps a document that was read already.</summary>
    public void Remember(SchemaContent content, SchemaDocument document) => _parsed.Keep(content, document);

    private List<ReferencedSchema> Resolve(string subject, IReadOnlyList<SchemaReference> references)
    {
        if (references.Count == 0)
            return [];

        return store.Read(state =>
        {
            var found = new List<ReferencedSchema>();
            Collect(state, subject, references, found, new HashSet<string>(StringComparer.Ordinal), 0);
            return found;
        });
    }

    private static void Collect(RegistryState state, string parent, IReadOnlyList<SchemaReference> references, List<ReferencedSchema> found, HashSet<string> names, int depth)
    {
        if (depth > LongestChain)
            throw RegistryException.InvalidSchema($"References of {parent} are more than {LongestChain} deep");

        foreach (var reference in references)
        {
            var subject = SubjectName.Within(parent, reference.Subject);
            var version = (reference.Version == -1
                    ? state.Versions(subject).LastOrDefault(version => !version.Deleted)
                    : state.Versions(subject).FirstOrDefault(version => version.Version == reference.Version))
                ?? throw RegistryException.InvalidSchema($"No schema reference found for subject \"{reference.Subject}\" and version {reference.Version}");
            if (!names.Add(reference.Name))
                continue;

            Collect(state, subject, version.Content.References, found, names, depth + 1);
            found.Add(new ReferencedSchema(reference.Name, version.Content.Text, $"{subject}/{version.Version}"));
        }
    }
}
