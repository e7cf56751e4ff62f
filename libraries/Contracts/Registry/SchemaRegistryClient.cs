using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Client of the Confluent Schema Registry REST API. Caches ids and schemas for good (both are immutable), retries
/// transient failures within <see cref="SchemaRegistryOptions.Timeout"/>. While the registry is out, what was asked before
/// goes on (after a restart too, with <see cref="SchemaRegistryOptions.CachePath"/>); what was not fails within
/// <see cref="SchemaRegistryOptions.OutageTimeout"/>. Thread-safe.
/// </summary>
public sealed partial class SchemaRegistryClient(HttpClient http, SchemaRegistryOptions options, TimeProvider time)
{
    private const string MediaType = "application/vnd.schemaregistry.v1+json";

    /// <summary>References of references; a registry admits no cycles, a file of the cache could.</summary>
    private const int MostReferences = 1_000;

    private readonly RegistryHttp _http = new(http, options, time);
    private readonly RegistryDisk _disk = new(options);
    private readonly ConcurrentDictionary<(string Subject, string Schema), SchemaIdentity> _ids = new();
    private readonly ConcurrentDictionary<int, RegisteredSchema> _schemas = new();
    private readonly ConcurrentDictionary<Guid, RegisteredSchema> _guids = new();

    /// <summary>No address of the registry answered the last call.</summary>
    public bool IsOut => _http.IsOut;

    /// <summary>The clock the client and its decoders run by.</summary>
    internal TimeProvider Time { get; } = time;

    /// <summary>Registers a schema under a subject, or finds it there; returns its global id. A conflict is a <see cref="ContractException"/> with the registry's messages.</summary>
    public Task<int> RegisterAsync(string subject, string schema, CancellationToken cancellationToken) => RegisterAsync(subject, schema, null, cancellationToken);

    /// <summary>As the other, with what is known of the contract besides its schema.</summary>
    public async Task<int> RegisterAsync(string subject, string schema, ContractMetadata? metadata, CancellationToken cancellationToken) =>
        (await IdentifyAsync(subject, schema, metadata, register: true, cancellationToken)).Id;

    /// <summary>The ids of a schema under a subject. Throws <see cref="ContractException"/> where the registry refuses it, or does not have it.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="schema">The document.</param>
    /// <param name="metadata">Registered with it; null for none.</param>
    /// <param name="register">Register it where the subject does not have it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<SchemaIdentity> IdentifyAsync(string subject, string schema, ContractMetadata? metadata, bool register, CancellationToken cancellationToken)
    {
        if (_ids.TryGetValue((subject, schema), out var known))
            return known;

        var path = $"subjects/{Uri.EscapeDataString(subject)}{(register ? "/versions" : "")}";
        var file = $"schema-{RegistryDisk.Hash($"{subject}\n{schema}")}.json";
        var body = new SchemaBody(schema) { Metadata = metadata?.ToRegistryMetadata(), RuleSet = metadata?.ToRegistryRules() };
        var answer = await _http.SendAsync(HttpMethod.Post, path, () => Json(body), _disk.Has(file), cancellationToken);
        if (answer.Code == RegistryAnswer.NoAnswer && _disk.Read(file) is { } kept)
            answer = new RegistryAnswer(0, "", kept);
        else if (answer.Code == 0)
            _disk.Write(file, answer.Body);

        if (answer.Code is not (0 or RegistryAnswer.NoAnswer))
            throw new ContractException($"schema registry {options.Url}: subject '{subject}': {answer.Message} (code {answer.Code}). {(register ? "Register a compatible schema, or change the subject's compatibility." : "Register the schema before it is used.")}");

        var found = Succeeded(answer, $"register subject '{subject}'", $"subject '{subject}'").Read<IdBody>(options.Url, path);
        return _ids[(subject, schema)] = new SchemaIdentity(found.Id, Guid.TryParse(found.Guid, out var guid) ? guid : null);
    }

    /// <summary>The id of a schema that is registered under a subject. Throws <see cref="ContractException"/> where it is not.</summary>
    public async Task<int> FindIdAsync(string subject, string schema, CancellationToken cancellationToken) =>
        (await IdentifyAsync(subject, schema, null, register: false, cancellationToken)).Id;

    /// <summary>The contract of a global id. Throws <see cref="ContractException"/> where the registry has none, or one that no flat row can hold.</summary>
    public async ValueTask<AvroContract> GetByIdAsync(int id, CancellationToken cancellationToken) =>
        AvroContract.Parse(await FindByIdAsync(id, cancellationToken) ?? throw Unknown(id));

    /// <summary>The schema of a global id, whatever its shape, with those it refers to.</summary>
    public async ValueTask<AvroSchema> GetSchemaByIdAsync(int id, CancellationToken cancellationToken) =>
        Avro(await FetchAsync(id, cancellationToken) ?? throw Unknown(id), $"schema id {id}").Parse();

    /// <summary>The schema document of a global id; null where the registry has none.</summary>
    public async ValueTask<string?> FindByIdAsync(int id, CancellationToken cancellationToken) =>
        await FetchAsync(id, cancellationToken) is { } found ? Avro(found, $"schema id {id}").Text : null;

    /// <summary>The schema of an id that was fetched before, without asking; null where it was not.</summary>
    public RegisteredSchema? FindFetched(int id) => _schemas.GetValueOrDefault(id);

    /// <summary>The schema of a GUID that was fetched before, without asking; null where it was not.</summary>
    public RegisteredSchema? FindFetched(Guid guid) => _guids.GetValueOrDefault(guid);

    /// <summary>The schema of a GUID, as headers of messages carry it. Throws <see cref="ContractException"/> where the registry has none.</summary>
    public async ValueTask<AvroSchema> GetSchemaByGuidAsync(Guid guid, CancellationToken cancellationToken)
    {
        if (!_guids.TryGetValue(guid, out var known))
        {
            known = await FetchAsync($"schemas/guids/{guid}", $"guid-{guid}.json", cancellationToken)
                ?? throw new ContractException($"schema registry {options.Url}: found no schema of GUID {guid}; expected that of a registered schema. Register the schema before events carry it.");
            _guids[guid] = known;
        }

        return Avro(known, $"schema {guid}").Parse();
    }

    /// <summary>The latest version of a subject, asked for anew each time; null where there is no such subject.</summary>
    public async Task<LatestSchema?> FindLatestAsync(string subject, CancellationToken cancellationToken)
    {
        var path = $"subjects/{Uri.EscapeDataString(subject)}/versions/latest";
        var file = $"latest-{RegistryDisk.Hash(subject)}.json";
        var answer = await _http.SendAsync(HttpMethod.Get, path, null, _disk.Has(file), cancellationToken);
        if (answer.Code is RegistryAnswer.SubjectNotFound or RegistryAnswer.VersionNotFound)
            return null;

        var body = Keep(answer, file, path, $"get the latest schema of '{subject}'", $"subject '{subject}'");
        var schema = Avro(await ResolveAsync(body, cancellationToken), $"subject '{subject}'");
        return new LatestSchema(body.Id, body.Schema)
        {
            Version = body.Version,
            Registered = schema,
            Metadata = ContractMetadata.FromRegistry(body.Metadata, body.RuleSet),
            Guid = Guid.TryParse(body.Guid, out var guid) ? guid : null,
        };
    }

    /// <summary>All subjects.</summary>
    public async Task<IReadOnlyList<string>> GetSubjectsAsync(CancellationToken cancellationToken)
    {
        var answer = await _http.SendAsync(HttpMethod.Get, "subjects", null, brief: false, cancellationToken);
        return Succeeded(answer, "list the subjects", "subjects").Read<IReadOnlyList<string>>(options.Url, "subjects");
    }

    /// <summary>Why a subject's compatibility level refuses a schema; empty where it takes it, or where there is no such subject.</summary>
    public async Task<IReadOnlyList<string>> CheckCompatibilityAsync(string subject, string schema, string language, CancellationToken cancellationToken)
    {
        var path = $"compatibility/subjects/{Uri.EscapeDataString(subject)}/versions?verbose=true";
        var answer = await _http.SendAsync(HttpMethod.Post, path, () => Json(new SchemaBody(schema) { SchemaType = language }), brief: false, cancellationToken);
        if (answer.Code is RegistryAnswer.SubjectNotFound or RegistryAnswer.VersionNotFound)
            return [];

        var body = Succeeded(answer, $"check subject '{subject}'", $"subject '{subject}'").Read<CompatibleBody>(options.Url, path);
        return body.IsCompatible ? [] : body.Messages is { Count: > 0 } messages ? messages : ["the registry gave no reason"];
    }

    /// <summary>The document of an id; null where there is none.</summary>
    internal async ValueTask<RegisteredSchema?> FetchAsync(int id, CancellationToken cancellationToken)
    {
        if (_schemas.TryGetValue(id, out var known))
            return known;

        var found = await FetchAsync($"schemas/ids/{id}", $"id-{id}.json", cancellationToken);
        if (found is not null)
            _schemas[id] = found;

        return found;
    }

    private async Task<RegisteredSchema?> FetchAsync(string path, string file, CancellationToken cancellationToken)
    {
        var answer = await _http.SendAsync(HttpMethod.Get, path, null, _disk.Has(file), cancellationToken);
        return answer.Code == RegistryAnswer.SchemaNotFound ? null : await ResolveAsync(Keep(answer, file, path, $"get {path}", path), cancellationToken);
    }

    /// <summary>The schema an answer holds, kept on the disk; where there was no answer, the one kept there.</summary>
    private SchemaBody Keep(RegistryAnswer answer, string file, string path, string what, string where)
    {
        if (answer.Code == 0)
        {
            var body = answer.Read<SchemaBody>(options.Url, path);
            _disk.Write(file, answer.Body);
            return body;
        }

        return answer.Code == RegistryAnswer.NoAnswer && _disk.Read(file) is { } kept
            ? new RegistryAnswer(0, "", kept).Read<SchemaBody>(options.Url, $"kept answer {file}")
            : Succeeded(answer, what, where).Read<SchemaBody>(options.Url, path);
    }

    private async ValueTask<RegisteredSchema> ResolveAsync(SchemaBody body, CancellationToken cancellationToken)
    {
        var metadata = ContractMetadata.FromRegistry(body.Metadata, body.RuleSet);
        if (body.References is not { Count: > 0 })
            return new RegisteredSchema(body.Schema, body.SchemaType ?? "AVRO", []) { Metadata = metadata };

        var found = new List<ReferencedSchema>();
        await CollectAsync(body, found, [], cancellationToken);
        return new RegisteredSchema(body.Schema, body.SchemaType ?? "AVRO", found) { Metadata = metadata };
    }

    private async Task CollectAsync(SchemaBody body, List<ReferencedSchema> found, HashSet<string> seen, CancellationToken cancellationToken)
    {
        foreach (var reference in body.References ?? [])
        {
            var origin = $"{reference.Subject}/{reference.Version}";
            if (!seen.Add(origin))
                continue;

            if (seen.Count > MostReferences)
                throw new ContractException($"schema registry {options.Url}: found more than {MostReferences} references; expected fewer. Check what the schema refers to.");

            var path = $"subjects/{Uri.EscapeDataString(reference.Subject)}/versions/{reference.Version}";
            var file = $"version-{RegistryDisk.Hash(origin)}.json";
            var answer = await _http.SendAsync(HttpMethod.Get, path, null, _disk.Has(file), cancellationToken);
            var referenced = Keep(answer, file, path, $"get {path}", path);
            await CollectAsync(referenced, found, seen, cancellationToken);
            found.Add(new ReferencedSchema(reference.Name, referenced.Schema, origin));
        }
    }

    private RegistryAnswer Succeeded(RegistryAnswer answer, string what, string where) => answer.Code switch
    {
        0 => answer,
        RegistryAnswer.NoAnswer => throw new ContractException($"schema registry {string.Join(", ", (Uri[])[options.Url, .. options.OtherUrls])}: {what}: {answer.Message}", answer.Cause),
        _ => throw new ContractException($"schema registry {options.Url}: {where}: {answer.Message} (code {answer.Code}). Check the address and the access rights."),
    };

    private RegisteredSchema Avro(RegisteredSchema schema, string where) => schema.Language == "AVRO"
        ? schema
        : throw new ContractException($"schema registry {options.Url}: {where}: found type {schema.Language}; expected AVRO. Publish events of this stream as Avro.");

    private ContractException Unknown(int id) =>
        new($"schema registry {options.Url}: found no schema of id {id}; expected the id of a registered schema. Register the schema before events carry its id.");

    private static ByteArrayContent Json(SchemaBody body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        return content;
    }
}
