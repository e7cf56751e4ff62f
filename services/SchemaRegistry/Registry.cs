using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Which versions a list has.</summary>
internal enum VersionFilter
{
    Live,
    All,
    DeletedOnly,
}

/// <summary>What can be asked of subjects, versions and ids. <see cref="RegistryWriter"/> changes them.</summary>
internal sealed class Registry(RegistryStore store, SchemaParser parser)
{
    public string[] Subjects(string prefix, VersionFilter filter) => store.Read(state => state.Subjects
        .Where(subject => SubjectName.HasPrefix(subject.Key, prefix) && subject.Value.Any(version => Has(version, filter)))
        .Select(subject => subject.Key)
        .ToArray());

    public string[] Contexts() => store.Read(state => state.Contexts.ToArray());

    /// <summary>The subject's versions, oldest first.</summary>
    public SubjectVersion[] Versions(string subject, VersionFilter filter)
    {
        var all = store.Read(state => state.Versions(subject).ToArray());
        return all.Any(version => filter != VersionFilter.Live || !version.Deleted)
            ? [.. all.Where(version => Has(version, filter))]
            : throw RegistryException.SubjectNotFound(subject);
    }

    /// <param name="subject">Name; one of the default context is looked for in the others too.</param>
    /// <param name="version">A number, or null for the latest.</param>
    /// <param name="deleted">Soft-deleted ones too; the latest never is one.</param>
    public SubjectVersion Version(string subject, int? version, bool deleted)
    {
        var found = store.Read(state => Everywhere(state, subject).Select(name => Find(state, name, version, deleted)).FirstOrDefault(found => found is not null));
        if (found is not null)
            return found;

        return Exists(subject, deleted) ? throw RegistryException.VersionNotFound(version ?? -1) : throw RegistryException.SubjectNotFound(subject);
    }

    public SubjectVersion? FindVersion(string subject, int? version, bool deleted) => store.Read(state => Find(state, subject, version, deleted));

    /// <summary>All versions of the subjects of a prefix, in order.</summary>
    public SubjectVersion[] AllVersions(string prefix, bool deleted, bool latestOnly) => store.Read(state => state.Subjects
        .Where(subject => SubjectName.HasPrefix(subject.Key, prefix))
        .Select(subject => subject.Value.Where(version => deleted || !version.Deleted))
        .SelectMany(versions => latestOnly ? versions.TakeLast(1) : versions)
        .ToArray());

    /// <summary>The schema of an id in the context of a subject; a subject of the default context is looked for in the others too.</summary>
    public SchemaContent? ById(int id, string? subject) => store.Read(state => FindId(state, id, subject).Content);

    /// <summary>The highest id given so far in the context of a subject.</summary>
    public int MaxId(string? subject) => store.Read(state => (state.Context(SubjectName.Parse(subject ?? "").Context)?.NextId ?? 1) - 1);

    /// <summary>Where a schema is used; null where there is no such id.</summary>
    public SubjectVersion[]? UsesOf(int id, string? subject, bool deleted) => store.Read(state =>
    {
        var (content, context) = FindId(state, id, subject);
        return content is null ? null : UsesOf(state, id, context).Where(version => deleted || !version.Deleted).ToArray();
    });

    /// <summary>Ids of an identity that is the same in every registry, by context.</summary>
    public (string Context, int Id, SchemaContent Content)[] ByGuid(string guid) => store.Read(state => state.Contexts
        .SelectMany(context => state.Context(context)!.All.Where(pair => pair.Value.Guid == guid).Select(pair => (context, pair.Key, pair.Value)))
        .ToArray());

    /// <summary>Ids of schemas that refer to a version.</summary>
    public int[] ReferencesTo(SubjectVersion version, bool deleted) => store.Read(state =>
        ReferencesTo(state, version.Subject, version.Version, deleted).Select(use => use.Id).Distinct().Order().ToArray());

    /// <summary>The version of a subject that a document is, or why none.</summary>
    public SubjectVersion Lookup(string subject, SchemaRequest request, bool normalize, bool deleted)
    {
        var found = store.Read(state => Everywhere(state, subject).ToArray()).Select(name => FindSchema(name, request, normalize, deleted)).FirstOrDefault(found => found is not null);
        if (found is not null)
            return found;

        return Exists(subject, deleted) ? throw RegistryException.SchemaNotFound() : throw RegistryException.SubjectNotFound(subject);
    }

    /// <summary>The newest version whose metadata has all these properties.</summary>
    public SubjectVersion WithMetadata(string subject, IReadOnlyList<(string Key, string Value)> properties, bool deleted) =>
        Versions(subject, deleted ? VersionFilter.All : VersionFilter.Live)
            .LastOrDefault(version => version.Content.Metadata is { } metadata && properties.All(property => SchemaMetadata.Property(metadata, property.Key) == property.Value))
        ?? throw RegistryException.SchemaNotFound();

    /// <summary>Messages that say why a schema may not follow one version (or, without one, those that the level names); empty where it may.</summary>
    public List<string> Check(string subject, SubjectVersion[] against, SchemaRequest request, bool normalize)
    {
        if (string.IsNullOrWhiteSpace(request.Schema))
            throw RegistryException.InvalidSchema("Empty schema");

        var config = store.Read(state => state.ConfigInScope(subject));
        var (content, document) = Read(subject, request, normalize || config.Normalizes);
        return Judge(config, document, content.Metadata, against);
    }

    /// <summary>As <see cref="Check"/>, of a document that is read already.</summary>
    public List<string> Judge(RegistryConfig config, SchemaDocument document, string? metadata, SubjectVersion[] against)
    {
        var messages = new List<string>();
        if (config.ValidatesFields)
            messages.AddRange(ReservedFields.Check(document, metadata, against.LastOrDefault()));

        if (config.Group is { } group)
            against = [.. against.Where(version => SchemaMetadata.Property(version.Content.Metadata, group) == SchemaMetadata.Property(metadata, group))];

        var level = config.Level ?? CompatibilityLevel.Default;
        try
        {
            messages.AddRange(level.Check(document, against, parser.Parse, config.IsLenient));
        }
        catch (ContractException e)
        {
            throw RegistryException.InvalidSchema(document.Language, e.Message);
        }

        if (messages.Count > 0)
            messages.Add($"{{validateFields: '{(config.ValidatesFields ? "true" : "false")}', compatibility: '{level.Name}'}}");

        return messages;
    }

    /// <summary>What a request stands for.</summary>
    public (SchemaContent Content, SchemaDocument Document) Read(string subject, SchemaRequest request, bool normalize)
    {
        var type = string.IsNullOrEmpty(request.SchemaType) ? SchemaLanguages.Default : request.SchemaType;
        var document = parser.Parse(subject, type, request.Schema!, request.References);
        var references = normalize ? [.. request.References.Distinct().OrderBy(reference => reference.Name, StringComparer.Ordinal)] : request.References;
        return (new SchemaContent(type, normalize ? document.Normalized : document.Canonical, references, SchemaMetadata.Canonical(request.Metadata), SchemaMetadata.Canonical(request.RuleSet)), document);
    }

    /// <summary>The version of a subject that has this content; also one whose references the content has resolved.</summary>
    public SubjectVersion? FindContent(string subject, SchemaContent content, SchemaDocument document, bool deleted, bool latestOnly = false)
    {
        var versions = store.Read(state => state.Versions(subject).Where(version => deleted || !version.Deleted).ToArray());
        if (latestOnly)
            versions = [.. versions.TakeLast(1)];

        return versions.LastOrDefault(version => version.Content.LookupKey == content.LookupKey)
            ?? (content.References.Count > 0 ? null : versions.LastOrDefault(version => IsResolved(version, content, document)));
    }

    /// <summary>As <see cref="FindContent"/>, also with the metadata and rules that registering would add.</summary>
    public SubjectVersion? FindRead(string subject, SchemaContent content, SchemaDocument document, bool deleted, bool latestOnly = false)
    {
        var (config, latest) = store.Read(state => (state.ConfigInScope(subject), Find(state, subject, null, false)));
        return FindContent(subject, content, document, deleted, latestOnly)
            ?? (latest is null ? null : FindContent(subject, Populate(content, config, latest.Content), document, deleted, latestOnly));
    }

    private SubjectVersion? FindSchema(string subject, SchemaRequest request, bool normalize, bool deleted)
    {
        if (string.IsNullOrWhiteSpace(request.Schema))
            return null;

        var (content, document) = Read(subject, request, normalize || store.Read(state => state.ConfigInScope(subject)).Normalizes);
        return FindRead(subject, content, document, deleted);
    }

    /// <summary>A content with the metadata and rules that registering adds: those of the version before, and those that are set.</summary>
    public static SchemaContent Populate(SchemaContent content, RegistryConfig config, SchemaContent? previous) => content with
    {
        Metadata = SchemaMetadata.MergeMetadata(SchemaMetadata.MergeMetadata(config.DefaultMetadata, content.Metadata ?? previous?.Metadata), config.OverrideMetadata),
        RuleSet = SchemaMetadata.MergeRules(SchemaMetadata.MergeRules(config.DefaultRules, content.RuleSet ?? previous?.RuleSet), config.OverrideRules),
    };

    public static IEnumerable<SubjectVersion> ReferencesTo(RegistryState state, string subject, int version, bool deleted) => state.Subjects.Values
        .SelectMany(versions => versions)
        .Where(use => (deleted || !use.Deleted) && use.Content.References.Any(reference => reference.Version == version && SubjectName.Within(use.Subject, reference.Subject) == subject));

    private bool IsResolved(SubjectVersion version, SchemaContent content, SchemaDocument document) =>
        version.Content.References.Count > 0 && version.Content.Type == content.Type
        && version.Content with { Text = "", References = [] } is var bare && bare.LookupKey == (content with { Text = "", References = [] }).LookupKey
        && parser.Parse(version).Format("resolved") == document.Format("resolved");

    private bool Exists(string subject, bool deleted) => store.Read(state => state.Versions(subject).Any(version => deleted || !version.Deleted));

    private static bool Has(SubjectVersion version, VersionFilter filter) =>
        filter == VersionFilter.All || version.Deleted == (filter == VersionFilter.DeletedOnly);

    private static SubjectVersion? Find(RegistryState state, string subject, int? version, bool deleted) => version is null
        ? state.Versions(subject).LastOrDefault(candidate => !candidate.Deleted)
        : state.Versions(subject).FirstOrDefault(candidate => candidate.Version == version && (deleted || !candidate.Deleted));

    private static IEnumerable<string> Everywhere(RegistryState state, string subject)
    {
        var name = SubjectName.Parse(subject);
        return name.Context != SubjectName.DefaultContext || name.IsContext
            ? [subject]
            : state.Contexts.Where(context => context != SubjectName.DefaultContext).Select(context => (name with { Context = context }).ToString()).Prepend(subject);
    }

    private static (SchemaContent? Content, string Context) FindId(RegistryState state, int id, string? subject)
    {
        var name = SubjectName.Parse(subject ?? "");
        if (name.Context == SubjectName.DefaultContext && !name.IsContext)
        {
            var use = Everywhere(state, subject!).SelectMany(state.Versions).FirstOrDefault(version => version.Id == id);
            if (use is not null)
                return (use.Content, SubjectName.Parse(use.Subject).Context);
        }

        return (state.Context(name.Context)?.Find(id), name.Context);
    }

    private static IEnumerable<SubjectVersion> UsesOf(RegistryState state, int id, string context) => state.Subjects
        .Where(subject => SubjectName.Parse(subject.Key).Context == context)
        .SelectMany(subject => subject.Value)
        .Where(version => version.Id == id);
}
