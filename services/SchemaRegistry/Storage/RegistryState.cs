using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>What the log's entries add up to. Not thread-safe.</summary>
internal sealed class RegistryState
{
    private readonly Dictionary<int, StoredSchema> _byId = [];
    private readonly Dictionary<string, StoredSchema> _byText = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<SubjectVersion>> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CompatibilityLevel> _levels = new(StringComparer.Ordinal);

    public CompatibilityLevel GlobalLevel { get; private set; } = CompatibilityLevel.Default;

    public int NextId { get; private set; } = 1;

    public int SchemaCount => _byId.Count;

    public IReadOnlyDictionary<string, List<SubjectVersion>> Subjects => _subjects;

    public StoredSchema? FindById(int id) => _byId.GetValueOrDefault(id);

    public StoredSchema? FindByText(string text) => _byText.GetValueOrDefault(text);

    /// <summary>All versions of a subject, soft-deleted ones too, in order; empty where there is no such subject.</summary>
    public IReadOnlyList<SubjectVersion> Versions(string subject) => _subjects.TryGetValue(subject, out var versions) ? versions : [];

    /// <summary>The subject's own level, or null.</summary>
    public CompatibilityLevel? LevelOf(string subject) => _levels.GetValueOrDefault(subject);

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
            case CompatibilitySet { Subject: { } subject } set:
                if (set.Level is null)
                    _levels.Remove(subject);
                else
                    _levels[subject] = Level(set.Level);

                break;
            case CompatibilitySet set:
                GlobalLevel = set.Level is null ? CompatibilityLevel.Default : Level(set.Level);
                break;
            default:
                throw new ContractException($"schema registry: found an entry of type {entry.GetType().Name}, which this version does not know. Use the version that wrote it.");
        }
    }

    private static CompatibilityLevel Level(string name) =>
        CompatibilityLevel.Find(name) ?? throw new ContractException($"schema registry: found compatibility '{name}' in the log; expected one of {CompatibilityLevel.Names}. Use the version that wrote it.");

    private void Register(SchemaRegistered entry)
    {
        if (!_byId.TryGetValue(entry.Id, out var schema))
        {
            schema = new StoredSchema(entry.Id, entry.Schema, AvroSchema.Parse(entry.Schema));
            _byId.Add(entry.Id, schema);
            _byText.Add(entry.Schema, schema);
            NextId = Math.Max(NextId, entry.Id + 1);
        }

        if (!_subjects.TryGetValue(entry.Subject, out var versions))
            _subjects.Add(entry.Subject, versions = []);

        versions.Add(new SubjectVersion(entry.Subject, entry.Version, schema, Deleted: false));
    }

    private void Delete(VersionsDeleted entry)
    {
        if (!_subjects.TryGetValue(entry.Subject, out var versions))
            return;

        // A schema keeps its id even when its last version is gone for good: events that carry it stay readable.
        if (entry.Permanent)
            versions.RemoveAll(version => entry.Versions.Contains(version.Version));

        for (var i = 0; i < versions.Count; i++)
        {
            if (entry.Versions.Contains(versions[i].Version))
                versions[i] = versions[i] with { Deleted = true };
        }

        if (versions.Count == 0)
            _subjects.Remove(entry.Subject);
    }
}
