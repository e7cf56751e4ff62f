using System.Text.Json;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Schemas;

/// <summary>A subject as the list shows it.</summary>
/// <param name="Error">Why nothing more is known of it.</param>
public sealed record SubjectRow(string Name, string? Language, int? Version, int? Id, string? Owner, string? Description, int PersonalFields, string? Topic, string? Error);

/// <param name="Total">How many the search found in all.</param>
internal sealed record SubjectList(IReadOnlyList<SubjectRow> Rows, int Total, IReadOnlyList<string> Contexts, string? Error);

/// <summary>Reads the registry for pages. Names are read whole, schemas for the page that is shown.</summary>
internal sealed class SubjectReader(BackendQueries queries, BackendList backends, IReadOnlyList<PipelineDefinition> pipelines)
{
    public const int PageSize = 50;

    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(3);

    public async Task<SubjectList> ListAsync(string? search, string? context, int page)
    {
        var names = await queries.GetAsync<IReadOnlyList<string>>(backends.Registry, "/subjects?subjectPrefix=%3A*%3A", s_age);
        if (names.Value is not { } all)
            return new SubjectList([], 0, [], names.Error);
        var contexts = all.Select(ContextOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var found = all.Where(name => (string.IsNullOrEmpty(context) || ContextOf(name) == context) && (string.IsNullOrWhiteSpace(search) || name.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase)))
            .Order(StringComparer.Ordinal).ToArray();
        var rows = await Task.WhenAll(found.Skip((page - 1) * PageSize).Take(PageSize).Select(RowAsync));
        return new SubjectList(rows, found.Length, contexts, null);
    }

    public Task<Fetched<SchemaVersionReply>> VersionAsync(string subject, string version) =>
        queries.GetAsync<SchemaVersionReply>(backends.Registry, $"/subjects/{Uri.EscapeDataString(subject)}/versions/{Uri.EscapeDataString(version)}", s_age);

    /// <summary>Newest first.</summary>
    public async Task<Fetched<IReadOnlyList<int>>> VersionsAsync(string subject)
    {
        var answer = await queries.GetAsync<IReadOnlyList<int>>(backends.Registry, $"/subjects/{Uri.EscapeDataString(subject)}/versions", s_age);
        return answer.Value is { } versions ? new([.. versions.OrderDescending()], null) : answer;
    }

    /// <summary>The level that counts for a subject, and whether it is its own; the global one for null.</summary>
    public async Task<(string Level, bool IsOwn, string? Error)> LevelAsync(string? subject)
    {
        var scope = subject is null ? "" : "/" + Uri.EscapeDataString(subject);
        var own = await queries.GetAsync<SubjectConfigReply>(backends.Registry, $"/config{scope}", s_age);
        var counts = await queries.GetAsync<SubjectConfigReply>(backends.Registry, $"/config{scope}?defaultToGlobal=true", s_age);
        return (counts.Value?.CompatibilityLevel ?? "BACKWARD", own.Value?.CompatibilityLevel is not null, counts.Error);
    }

    public async Task<(string Mode, bool IsOwn, string? Error)> ModeAsync(string? subject)
    {
        var scope = subject is null ? "" : "/" + Uri.EscapeDataString(subject);
        var own = await queries.GetAsync<SubjectModeReply>(backends.Registry, $"/mode{scope}", s_age);
        var counts = await queries.GetAsync<SubjectModeReply>(backends.Registry, $"/mode{scope}?defaultToGlobal=true", s_age);
        return (counts.Value?.Mode ?? "READWRITE", own.Value?.Mode is not null, counts.Error);
    }

    /// <summary>What is said of a contract: in its schema and beside it.</summary>
    public static ContractMetadata MetadataOf(SchemaVersionReply version)
    {
        var beside = version.Metadata is null && version.RuleSet is null ? ContractMetadata.None : ContractMetadata.FromRegistry(version.Metadata, version.RuleSet);
        if (version.Language == "PROTOBUF")
            return beside;
        try
        {
            return ContractMetadata.FromSchema(version.Schema).With(beside);
        }
        catch (Exception exception) when (exception is JsonException or ContractException)
        {
            // A registry of others may keep what ours would not; its text is shown all the same.
            return beside;
        }
    }

    /// <summary>The stream that a subject is the contract of; null for none.</summary>
    public StreamDefinition? StreamOf(string subject) => pipelines.SelectMany(pipeline => pipeline.Streams).FirstOrDefault(stream => stream.Subject == subject);

    private static string ContextOf(string subject) => subject.StartsWith(":.", StringComparison.Ordinal) && subject.IndexOf(':', 1) is > 0 and var end ? subject[..(end + 1)] : "";

    private async Task<SubjectRow> RowAsync(string name)
    {
        var topic = StreamOf(name)?.Topic;
        var latest = await VersionAsync(name, "latest");
        if (latest.Value is not { } version)
            return new SubjectRow(name, null, null, null, null, null, 0, topic, latest.Error);
        var metadata = MetadataOf(version);
        return new SubjectRow(name, version.Language, version.Version, version.Id, metadata.Owner, metadata.Description, metadata.PiiFields.Count(), topic, null);
    }
}
