using System.Text.Json.Nodes;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Configurations and modes: of a subject, of a context, or of all (null).</summary>
internal sealed class SettingsWriter(RegistryStore store)
{
    public RegistryConfig? ConfigOf(string? subject) => store.Read(state => state.ConfigOf(subject));

    public RegistryConfig ConfigInScope(string? subject) => store.Read(state => state.ConfigInScope(subject));

    public RegistryMode? ModeOf(string? subject) => store.Read(state => state.ModeOf(subject));

    public RegistryMode ModeInScope(string? subject) => store.Read(state => state.ModeInScope(subject));

    public RegistryConfig SetConfig(string? subject, JsonObject request) => store.Change(() =>
    {
        Writable(subject);
        var config = (ConfigOf(subject) ?? RegistryConfig.Empty).With(request);
        store.Append(new ConfigSet(subject, config.ToJson()));
        return config;
    });

    /// <summary>Takes away what is set; returns what was.</summary>
    public RegistryConfig DeleteConfig(string? subject) => store.Change(() =>
    {
        var before = ConfigOf(subject);
        if (before is null && subject is not null)
            throw RegistryException.SubjectNotFound(subject);

        Writable(subject);
        if (before is not null)
            store.Append(new ConfigSet(subject, null));

        return before ?? RegistryConfig.Empty;
    });

    /// <param name="subject">Null for all.</param>
    /// <param name="mode">Null to take it away.</param>
    /// <param name="force">Import into subjects that have schemas.</param>
    public void SetMode(string? subject, RegistryMode? mode, bool force) => store.Change(() =>
    {
        if (mode == RegistryMode.IMPORT && ModeInScope(subject) != RegistryMode.IMPORT && !force)
            Clear(subject);

        store.Append(new ModeSet(subject, mode?.ToString()));
        return true;
    });

    public RegistryMode? DeleteMode(string? subject, bool recursive) => store.Change(() =>
    {
        var before = ModeOf(subject);
        if (before is null && subject is not null && !recursive)
            throw RegistryException.SubjectNotFound(subject);

        if (before is not null)
            store.Append(new ModeSet(subject, null));

        if (recursive && SubjectName.Parse(subject ?? "") is { IsContext: true } name)
        {
            foreach (var inner in store.Read(state => state.SubjectsWithMode.Where(other => other.Length > 0 && SubjectName.Parse(other).Context == name.Context).ToArray()))
                store.Append(new ModeSet(inner, null));
        }

        return before;
    });

    /// <summary>Imported schemas bring their ids: nothing of the subjects may be left, not even what was softly deleted.</summary>
    private void Clear(string? subject)
    {
        var subjects = store.Read(state => state.Subjects.Where(pair => Matches(pair.Key, subject)).Select(pair => (pair.Key, Versions: pair.Value.ToArray())).ToArray());
        if (subjects.Any(found => found.Versions.Any(version => !version.Deleted)))
            throw RegistryException.NotPermitted("Cannot import since found existing subjects");

        foreach (var version in subjects.SelectMany(found => found.Versions))
        {
            if (store.Read(state => Registry.ReferencesTo(state, version.Subject, version.Version, deleted: true).Any()))
                throw RegistryException.ReferenceExists(version.Subject, version.Version);
        }

        if (subjects.Length > 0)
            store.Append(new SubjectsCleared([.. subjects.Select(found => found.Key)]));
    }

    private static bool Matches(string candidate, string? subject)
    {
        if (subject is null || candidate == subject)
            return true;

        var name = SubjectName.Parse(subject);
        return name.IsContext && (name.Context == SubjectName.GlobalContext || name.Context == SubjectName.Parse(candidate).Context);
    }

    private void Writable(string? subject)
    {
        if (ModeInScope(subject).IsReadOnly())
            throw RegistryException.ReadOnly(subject ?? "null");
    }
}
