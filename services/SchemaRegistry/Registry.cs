using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry.Storage;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>
/// Subjects, versions and ids. Every change is judged and stored under one lock, so that two writers cannot both become
/// the next version; changes are rare and reads are short.
/// </summary>
internal sealed class Registry(MeshSettings settings, ILogger<Registry> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly RegistryState _state = new();
    private SchemaLog? _log;

    public void Open()
    {
        lock (_gate)
        {
            if (_log is not null)
                return;

            _log = SchemaLog.Open(Path.Combine(settings.DataPath, "registry"), _state.Apply, logger);
            Log.Opened(logger, _log.Path, _state.Subjects.Count, _state.SchemaCount);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _log?.Dispose();
            _log = null;
        }
    }

    /// <summary>Finds the schema in the subject, or makes it the subject's next version.</summary>
    public SubjectVersion Register(string subject, string schema)
    {
        var (text, parsed) = Parse(schema);
        lock (_gate)
        {
            if (Live(subject).FirstOrDefault(version => version.Schema.Text == text) is { } present)
                return present;

            var problems = CheckAll(subject, parsed, Live(subject));
            if (problems.Count > 0)
                throw RegistryException.Incompatible(subject, string.Join(", ", problems));

            var id = _state.FindByText(text)?.Id ?? _state.NextId;
            var version = _state.Versions(subject).Select(version => version.Version).DefaultIfEmpty(0).Max() + 1;
            Store(new SchemaRegistered(subject, version, id, text));
            return _state.Versions(subject)[^1];
        }
    }

    public SubjectVersion Lookup(string subject, string schema, bool deleted)
    {
        var (text, _) = Parse(schema);
        lock (_gate)
            return Versions(subject, deleted).LastOrDefault(version => version.Schema.Text == text) ?? throw RegistryException.SchemaNotFound();
    }

    public string[] Subjects(bool deleted, string prefix)
    {
        lock (_gate)
        {
            return [.. _state.Subjects
                .Where(subject => subject.Key.StartsWith(prefix, StringComparison.Ordinal) && (deleted || subject.Value.Exists(version => !version.Deleted)))
                .Select(subject => subject.Key)];
        }
    }

    /// <summary>The subject's versions, oldest first; at least one, or the subject is not found.</summary>
    public IReadOnlyList<SubjectVersion> Versions(string subject, bool deleted)
    {
        lock (_gate)
        {
            SubjectVersion[] versions = [.. _state.Versions(subject).Where(version => deleted || !version.Deleted)];
            return versions.Length > 0 ? versions : throw RegistryException.SubjectNotFound(subject);
        }
    }

    /// <param name="subject">Name.</param>
    /// <param name="version">A number, or null for the latest.</param>
    /// <param name="deleted">Soft-deleted ones too.</param>
    public SubjectVersion Version(string subject, int? version, bool deleted)
    {
        var versions = Versions(subject, deleted);
        return version is null
            ? versions[^1]
            : versions.FirstOrDefault(candidate => candidate.Version == version) ?? throw RegistryException.VersionNotFound(version.Value);
    }

    public StoredSchema ById(int id)
    {
        lock (_gate)
            return _state.FindById(id) ?? throw RegistryException.SchemaNotFound(id);
    }

    /// <summary>Where a schema is used.</summary>
    public SubjectVersion[] UsesOf(int id, bool deleted)
    {
        lock (_gate)
        {
            return _state.FindById(id) is null
                ? throw RegistryException.SchemaNotFound(id)
                : [.. _state.Subjects.Values.SelectMany(versions => versions).Where(version => version.Schema.Id == id && (deleted || !version.Deleted))];
        }
    }

    public int[] DeleteSubject(string subject, bool permanent)
    {
        lock (_gate)
        {
            var all = Versions(subject, deleted: true);
            var live = Live(subject);
            if (permanent && live.Length > 0)
                throw RegistryException.SubjectNotSoftDeleted(subject);

            if (!permanent && live.Length == 0)
                throw RegistryException.SubjectSoftDeleted(subject);

            int[] versions = [.. (permanent ? all : live).Select(version => version.Version)];
            Store(new VersionsDeleted(subject, versions, permanent));
            return versions;
        }
    }

    public int DeleteVersion(string subject, int? version, bool permanent)
    {
        lock (_gate)
        {
            var found = version is null && !permanent ? Version(subject, null, deleted: false) : Version(subject, version, deleted: true);
            if (permanent && !found.Deleted)
                throw RegistryException.VersionNotSoftDeleted(subject, found.Version);

            if (!permanent && found.Deleted)
                throw RegistryException.VersionSoftDeleted(subject, found.Version);

            Store(new VersionsDeleted(subject, [found.Version], permanent));
            return found.Version;
        }
    }

    /// <summary>Why the schema may not follow one version (or, without one, those that the level names); empty where it may.</summary>
    /// <param name="subject">Name.</param>
    /// <param name="against">The version, or null for what registering would check.</param>
    /// <param name="schema">The candidate.</param>
    public IReadOnlyList<string> Check(string subject, SubjectVersion? against, string schema)
    {
        var (_, parsed) = Parse(schema);
        lock (_gate)
            return CheckAll(subject, parsed, against is null ? Live(subject) : [against]);
    }

    public CompatibilityLevel GlobalLevel()
    {
        lock (_gate)
            return _state.GlobalLevel;
    }

    public CompatibilityLevel? LevelOf(string subject)
    {
        lock (_gate)
            return _state.LevelOf(subject);
    }

    /// <param name="subject">Null for the global level.</param>
    /// <param name="level">Null for the default above: global for a subject, BACKWARD for all.</param>
    public void SetLevel(string? subject, CompatibilityLevel? level)
    {
        lock (_gate)
            Store(new CompatibilitySet(subject, level?.Name));
    }

    private static (string Text, AvroSchema Parsed) Parse(string schema)
    {
        try
        {
            var parsed = AvroSchema.Parse(schema);
            return (SchemaText.Canonical(schema), parsed);
        }
        catch (ContractException e)
        {
            throw RegistryException.InvalidSchema(schema, e.Message);
        }
    }

    private SubjectVersion[] Live(string subject) => [.. _state.Versions(subject).Where(version => !version.Deleted)];

    private List<string> CheckAll(string subject, AvroSchema next, SubjectVersion[] versions)
    {
        var level = _state.LevelOf(subject) ?? _state.GlobalLevel;
        var problems = new List<string>();
        foreach (var old in level.Transitive ? versions.Reverse() : versions.TakeLast(1))
        {
            var found = level.Check(next, old.Schema.Parsed);
            if (found.Count == 0)
                continue;

            problems.AddRange(found.Select(problem => $"{{errorType:'{problem.Type}', description:'{problem.Description}', additionalInfo:'{problem.Path}'}}"));
            problems.Add($"{{oldSchemaVersion: {old.Version}}}");
            problems.Add($"{{oldSchema: '{old.Schema.Text}'}}");
            problems.Add($"{{compatibility: '{level.Name}'}}");
            break;
        }

        return problems;
    }

    private void Store(LogEntry entry)
    {
        var log = _log ?? throw RegistryException.StoreFailed();
        log.Append(entry);
        _state.Apply(entry);
    }
}
