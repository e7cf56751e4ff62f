using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>What the log's entries add up to. Not thread-safe.</summary>
internal sealed class RegistryState
{
    private const string All = "";

    private readonly SortedDictionary<string, List<SubjectVersion>> _subjects = new(SubjectName.Order);
    private readonly SortedDictionary<string, ContextState> _contexts = new(StringComparer.Ordinal) { [SubjectName.DefaultContext] = new() };
    private readonly Dictionary<string, RegistryConfig> _configs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RegistryMode> _modes = new(StringComparer.Ordinal);

    public int SchemaCount => _contexts.Values.Sum(context => context.Count);

    public IReadOnlyDictionary<string, List<SubjectVersion>> Subjects => _subjects;

    public IEnumerable<string> Contexts => _contexts.Keys;

    public IEnumerable<string> SubjectsWithMode => _modes.Keys;

    public ContextState? Context(string name) => _contexts.GetValueOrDefault(name);

    /// <summary>All versions of a subject, soft-deleted ones too, in order; empty where there is no such subject.</summary>
    public IReadOnlyList<SubjectVersion> Versions(string subject) => _subjects.TryGetValue(subject, out var versions) ? versions : [];

    /// <summary>What is set for a subject, a context, or (null) for all; null where nothing is.</summary>
    public RegistryConfig? ConfigOf(string? subject) => _configs.GetValueOrDefault(subject ?? All);

    /// <summary>What holds for a subject: its own, its context's, the one for all.</summary>
    public RegistryConfig ConfigInScope(string? subject)
    {
        var global = ConfigOf(null);
        if (subject is not null && ConfigOf(subject) is { } own)
            return global is null ? own : own.Over(global);

        return Scope(subject).Select(ConfigOf).FirstOrDefault(config => config is not null) ?? RegistryConfig.Empty;
    }

    public RegistryMode? ModeOf(string? subject) => _modes.TryGetValue(subject ?? All, out var mode) ? mode : null;

    public RegistryMode ModeInScope(string? subject) =>
        Scope(subject).Prepend(subject).Select(ModeOf).FirstOrDefault(mode => mode is not null) ?? RegistryMode.READWRITE;

    public void Apply(LogEntry entry)
    {
        switch (entry)
        {
            case SchemaRegistered registered:
                Register(registered);
                break;
            case VersionsDeleted deleted:
                Delete(deleted);
                break;
            case CompatibilitySet set:
                Set(_configs, set.Subject, set.Level is null ? null : RegistryConfig.OfLevel(Level(set.Level)));
                break;
            case ConfigSet set:
                Set(_configs, set.Subject, set.Settings is null ? null : RegistryConfig.Of(set.Settings));
                break;
            case ModeSet { Mode: { } mode } set:
                _modes[set.Subject ?? All] = RegistryModes.Find(mode) ?? throw Unknown($"mode '{mode}'");
                break;
            case ModeSet set:
                _modes.Remove(set.Subject ?? All);
                break;
            case SubjectsCleared cleared:
                foreach (var subject in cleared.Subjects)
                    Delete(new VersionsDeleted(subject, [.. Versions(subject).Select(version => version.Version)], Permanent: true));

                break;
            case ContextDeleted deleted:
                _contexts.Remove(deleted.Context);
                break;
            default:
                throw Unknown($"an entry of type {entry.GetType().Name}");
        }
    }

    private static IEnumerable<string?> Scope(string? subject)
    {
        var name = SubjectName.Parse(subject ?? "");
        yield return name.Context == SubjectName.DefaultContext ? null : name.Prefix;
        yield return $":{SubjectName.GlobalContext}:";
    }

    private static void Set<T>(Dictionary<string, T> all, string? subject, T? value)
        where T : class
    {
        if (value is null)
            all.Remove(subject ?? All);
        else
            all[subject ?? All] = value;
    }

    private static string Level(string name) => CompatibilityLevel.Find(name)?.Name ?? throw Unknown($"compatibility '{name}'");

    private static ContractException Unknown(string what) =>
        new($"schema registry: found {what} in the log; expected what this version knows. Use the version that wrote it.");

    private void Register(SchemaRegistered entry)
    {
        var context = SubjectName.Parse(entry.Subject).Context;
        if (!_contexts.TryGetValue(context, out var ids))
            _contexts.Add(context, ids = new ContextState());

        // Without a type the entry is from a version that kept Avro only, with its keys in another order.
        var text = entry.Type is null ? AvroText.Canonical(entry.Schema) : entry.Schema;
        var content = ids.Use(entry.Id, new SchemaContent(entry.Type ?? SchemaLanguages.Default, text, entry.References ?? [], entry.Metadata, entry.RuleSet));
        if (!_subjects.TryGetValue(entry.Subject, out var versions))
            _subjects.Add(entry.Subject, versions = []);

        foreach (var replaced in versions.Where(version => version.Version == entry.Version || entry.Replaces?.Contains(version.Version) == true).ToArray())
        {
            versions.Remove(replaced);
            ids.Release(replaced.Id);
        }

        var next = versions.FindIndex(version => version.Version > entry.Version);
        versions.Insert(next < 0 ? versions.Count : next, new SubjectVersion(entry.Subject, entry.Version, entry.Id, content, Deleted: false, entry.Ts));
    }

    private void Delete(VersionsDeleted entry)
    {
        if (!_subjects.TryGetValue(entry.Subject, out var versions))
            return;

        var wanted = entry.Versions.ToHashSet();
        if (!entry.Permanent)
        {
            for (var i = 0; i < versions.Count; i++)
            {
                if (wanted.Contains(versions[i].Version))
                    versions[i] = versions[i] with { Deleted = true };
            }

            return;
        }

        var ids = _contexts[SubjectName.Parse(entry.Subject).Context];
        foreach (var version in versions.Where(version => wanted.Contains(version.Version)))
            ids.Release(version.Id);

        versions.RemoveAll(version => wanted.Contains(version.Version));
        if (versions.Count == 0)
            _subjects.Remove(entry.Subject);
    }
}
