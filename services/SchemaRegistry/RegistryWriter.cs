using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>
/// Every change of schemas. Each is judged and stored while no other change runs, so that two writers cannot both become
/// the next version; changes are rare.
/// </summary>
internal sealed class RegistryWriter(RegistryStore store, Registry registry, SchemaParser parser, TimeProvider time)
{
    /// <summary>Finds the schema in the subject, or makes it the subject's next version.</summary>
    public SubjectVersion Register(string subject, SchemaRequest request, bool normalize, bool force)
    {
        // Read once, and while others may write: a document of megabytes takes its time.
        var normalizes = normalize || store.Read(state => state.ConfigInScope(subject)).Normalizes;
        (SchemaContent Content, SchemaDocument Document)? read = string.IsNullOrWhiteSpace(request.Schema) ? null : registry.Read(subject, request, normalizes);
        if (Present(subject, request, read) is { } present)
            return present;

        return store.Change(() => Present(subject, request, read) ?? RegisterNew(subject, request, read, normalizes, force));
    }

    public int[] DeleteSubject(string subject, bool permanent) => store.Change(() =>
    {
        var (all, mode) = store.Read(state => (state.Versions(subject).ToArray(), state.ModeInScope(subject)));
        if (all.Length == 0)
            throw RegistryException.SubjectNotFound(subject);

        if (!permanent && all.All(version => version.Deleted))
            throw RegistryException.SubjectSoftDeleted(subject);

        if (mode.IsReadOnly())
            throw RegistryException.ReadOnly(subject);

        SubjectVersion[] wanted = [.. all.Where(version => permanent || !version.Deleted)];
        foreach (var version in wanted)
        {
            if (store.Read(state => Registry.ReferencesTo(state, subject, version.Version, permanent).Any(use => use.Subject != subject)))
                throw RegistryException.ReferenceExists(subject, version.Version);

            if (permanent && !version.Deleted)
                throw RegistryException.SubjectNotSoftDeleted(subject);
        }

        int[] numbers = [.. wanted.Select(version => version.Version)];
        store.Append(new VersionsDeleted(subject, numbers, permanent));
        if (permanent && store.Read(state => state.ModeOf(subject)) is not null)
            store.Append(new ModeSet(subject, null));

        if (permanent && store.Read(state => state.ConfigOf(subject)) is not null)
            store.Append(new ConfigSet(subject, null));

        return numbers;
    });

    public int DeleteVersion(string subject, int? version, bool permanent) => store.Change(() =>
    {
        var found = registry.FindVersion(subject, version, deleted: true);
        if (found is null)
        {
            throw store.Read(state => state.Versions(subject).Count) == 0
                ? RegistryException.SubjectNotFound(subject)
                : RegistryException.VersionNotFound(version ?? -1);
        }

        if (!permanent && found.Deleted)
            throw RegistryException.VersionSoftDeleted(subject, found.Version);

        if (store.Read(state => state.ModeInScope(subject)).IsReadOnly())
            throw RegistryException.ReadOnly(subject);

        if (store.Read(state => Registry.ReferencesTo(state, subject, found.Version, permanent).Any()))
            throw RegistryException.ReferenceExists(subject, found.Version);

        if (permanent && !found.Deleted)
            throw RegistryException.VersionNotSoftDeleted(subject, found.Version);

        store.Append(new VersionsDeleted(subject, [found.Version], permanent));
        return found.Version;
    });

    public void DeleteContext(string context) => store.Change(() =>
    {
        var name = SubjectName.Parse(context);
        if (store.Read(state => state.Subjects.Keys.Any(subject => SubjectName.Parse(subject).Context == name.Context)))
            throw RegistryException.ContextNotEmpty(name.Prefix);

        if (name.Context != SubjectName.DefaultContext && store.Read(state => state.Context(name.Context)) is not null)
            store.Append(new ContextDeleted(name.Context));

        return true;
    });

    // A schema that is there already needs no right to write.
    private SubjectVersion? Present(string subject, SchemaRequest request, (SchemaContent Content, SchemaDocument Document)? read)
    {
        var config = store.Read(state => state.ConfigInScope(subject));
        if (read is not var (content, document) || config.DefaultMetadata is not null || config.OverrideMetadata is not null || config.DefaultRules is not null || config.OverrideRules is not null)
            return null;

        var found = registry.FindRead(subject, content, document, deleted: false, latestOnly: request.Version == -1);
        if (found is null || (request.Id >= 0 && request.Id != found.Id))
            return null;

        if (request.Version <= 0)
            return found;

        return request.Id < 0 ? null : registry.FindVersion(subject, request.Version, deleted: false) is { } wanted && wanted.Id == found.Id ? wanted : null;
    }

    private SubjectVersion RegisterNew(string subject, SchemaRequest request, (SchemaContent Content, SchemaDocument Document)? read, bool normalizes, bool force)
    {
        var (versions, config, mode) = store.Read(state => (state.Versions(subject).ToArray(), state.ConfigInScope(subject), state.ModeInScope(subject)));
        CheckMode(subject, mode, request.Id);
        SubjectVersion[] live = [.. versions.Where(version => !version.Deleted)];
        var next = versions.Select(version => version.Version).DefaultIfEmpty(0).Max() + 1;
        if (read is null)
            request = FromPrevious(request, mode.Imports() ? null : live.LastOrDefault());

        // What is imported stays as it is.
        var (content, document) = read is { } done && !(mode.Imports() && normalizes) ? done : registry.Read(subject, request, normalizes && !mode.Imports());
        if (!mode.Imports())
            content = WithSettings(content, config, live.LastOrDefault()?.Content, request.Version, next);

        if (request.Version == 0 && registry.FindContent(subject, content, document, deleted: false) is { } present && (request.Id < 0 || request.Id == present.Id))
            return present;

        if (!mode.Imports() && !force && registry.Judge(config, document, content.Metadata, live) is { Count: > 0 } problems)
            throw RegistryException.Incompatible(subject, problems);

        if (request.Version > 0 && request.Version != next && !mode.Imports())
            throw RegistryException.InvalidSchema("Version is not one more than previous version");

        var version = Store(subject, content, request, next, versions);
        parser.Remember(version.Content, document);
        return version;
    }

    private SubjectVersion Store(string subject, SchemaContent content, SchemaRequest request, int next, SubjectVersion[] versions)
    {
        var name = SubjectName.Parse(subject);
        var id = store.Read(state => Identify(state, name, content, request.Id));
        var version = request.Version > 0 ? request.Version : next;
        int[] replaced = [.. versions.Where(old => old.Deleted && old.Id == id && old.Version < version && !store.Read(state => Registry.ReferencesTo(state, subject, old.Version, deleted: true).Any())).Select(old => old.Version)];
        store.Append(new SchemaRegistered(subject, version, id, content.Text, content.Type, content.References.Count > 0 ? content.References : null, content.Metadata, content.RuleSet, time.GetUtcNow().ToUnixTimeMilliseconds(), replaced.Length > 0 ? replaced : null));
        return registry.FindVersion(subject, version, deleted: true)!;
    }

    private static int Identify(RegistryState state, SubjectName name, SchemaContent content, int wanted)
    {
        var context = state.Context(name.Context);
        if (wanted < 0)
            return context?.IdOf(content) ?? context?.NextId ?? 1;

        if (context?.Find(wanted) is { } taken && taken.Key != content.Key)
            throw RegistryException.NotPermitted($"Overwrite new schema with id {wanted} in context {name.Prefix} is not permitted.");

        return wanted;
    }

    private static SchemaContent WithSettings(SchemaContent content, RegistryConfig config, SchemaContent? previous, int wanted, int next)
    {
        var populated = Registry.Populate(content, config, previous);
        return wanted != 0 || SchemaMetadata.HasVersion(populated.Metadata)
            ? populated with { Metadata = SchemaMetadata.WithVersion(populated.Metadata, next) }
            : populated;
    }

    private static SchemaRequest FromPrevious(SchemaRequest request, SubjectVersion? previous) => previous is null
        ? throw RegistryException.InvalidSchema("Empty schema")
        : request with { Schema = previous.Content.Text, SchemaType = previous.Content.Type, References = previous.Content.References };

    private static void CheckMode(string subject, RegistryMode mode, int id)
    {
        if (mode.IsReadOnly())
            throw RegistryException.ReadOnly(subject);

        var context = SubjectName.Parse(subject).Prefix;
        if (id >= 0 && !mode.Imports())
            throw RegistryException.NotPermitted($"Subject {subject} in context {context} is not in import mode");

        if (id < 0 && mode != RegistryMode.READWRITE)
            throw RegistryException.NotPermitted($"Subject {subject} in context {context} is not in read-write mode");
    }
}
