using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Client of the Confluent Schema Registry REST API. Caches ids and schemas for good (both are immutable),
/// retries transient failures within <see cref="SchemaRegistryOptions.Timeout"/>. Thread-safe.
/// </summary>
public sealed class SchemaRegistryClient(HttpClient http, SchemaRegistryOptions options, TimeProvider time)
{
    private const string MediaType = "application/vnd.schemaregistry.v1+json";
    private const int SchemaNotFound = 40403;
    private const int SubjectNotFound = 40401;
    private const int VersionNotFound = 40402;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Subject, string Schema), int> _ids = new();
    private readonly ConcurrentDictionary<int, string> _schemas = new();

    /// <summary>The clock the client and its decoders run by.</summary>
    internal TimeProvider Time { get; } = time;

    /// <summary>Registers a schema under a subject, or finds it there; returns its global id. A conflict is a <see cref="ContractException"/> with the registry's messages.</summary>
    public async Task<int> RegisterAsync(string subject, string schema, CancellationToken cancellationToken)
    {
        if (_ids.TryGetValue((subject, schema), out var known))
            return known;

        var address = Address($"subjects/{Uri.EscapeDataString(subject)}/versions");
        var answer = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(new SchemaBody(schema), new MediaTypeHeaderValue(MediaType)) },
            $"register subject '{subject}'",
            cancellationToken);
        if (answer.Code != 0)
            throw new ContractException($"schema registry {options.Url}: subject '{subject}': {answer.Message} (code {answer.Code}). Register a compatible schema, or change the subject's compatibility.");

        return _ids[(subject, schema)] = Read<IdBody>(answer.Body, address).Id;
    }

    /// <summary>The contract of a global id. Throws <see cref="ContractException"/> where the registry has none, or one that no flat row can hold.</summary>
    public async ValueTask<AvroContract> GetByIdAsync(int id, CancellationToken cancellationToken) =>
        AvroContract.Parse(await FindByIdAsync(id, cancellationToken) ?? throw Unknown(id));

    /// <summary>The schema of a global id, whatever its shape.</summary>
    public async ValueTask<AvroSchema> GetSchemaByIdAsync(int id, CancellationToken cancellationToken) =>
        AvroSchema.Parse(await FindByIdAsync(id, cancellationToken) ?? throw Unknown(id));

    /// <summary>The schema document of a global id; null where the registry has none.</summary>
    public async ValueTask<string?> FindByIdAsync(int id, CancellationToken cancellationToken)
    {
        var (schema, type) = await FetchAsync(id, cancellationToken);
        return type is null
            ? schema
            : throw new ContractException($"schema registry {options.Url}: schema id {id}: found type {type}; expected AVRO. Publish events of this stream as Avro.");
    }

    /// <summary>The schema document of an id that was fetched before; null where it was not.</summary>
    public string? FindFetched(int id) => _schemas.GetValueOrDefault(id);

    /// <summary>The latest version of a subject, asked for anew each time; null where there is no such subject.</summary>
    public async Task<LatestSchema?> FindLatestAsync(string subject, CancellationToken cancellationToken)
    {
        var address = Address($"subjects/{Uri.EscapeDataString(subject)}/versions/latest");
        var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), $"get the latest schema of '{subject}'", cancellationToken);
        if (answer.Code is SubjectNotFound or VersionNotFound)
            return null;
        if (answer.Code != 0)
            throw new ContractException($"schema registry {options.Url}: subject '{subject}': {answer.Message} (code {answer.Code}). Check the address and the access rights.");

        var body = Read<VersionBody>(answer.Body, address);
        return body.SchemaType is null or "AVRO"
            ? new LatestSchema(body.Id, body.Schema)
            : throw new ContractException($"schema registry {options.Url}: subject '{subject}': found type {body.SchemaType}; expected AVRO. Publish events of this stream as Avro.");
    }

    /// <summary>The document of an id, null where there is none, and its type where that is not Avro.</summary>
    internal async ValueTask<(string? Schema, string? ForeignType)> FetchAsync(int id, CancellationToken cancellationToken)
    {
        if (_schemas.TryGetValue(id, out var known))
            return (known, null);

        var address = Address($"schemas/ids/{id}");
        var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), $"get schema id {id}", cancellationToken);
        if (answer.Code == SchemaNotFound)
            return (null, null);

        if (answer.Code != 0)
            throw new ContractException($"schema registry {options.Url}: schema id {id}: {answer.Message} (code {answer.Code}). Check the address and the access rights.");

        var body = Read<SchemaBody>(answer.Body, address);
        if (body.SchemaType is not (null or "AVRO"))
            return (body.Schema, body.SchemaType);

        _schemas[id] = body.Schema;
        return (body.Schema, null);
    }

    private ContractException Unknown(int id) =>
        new($"schema registry {options.Url}: found no schema of id {id}; expected the id of a registered schema. Register the schema before events carry its id.");

    private Uri Address(string path) => new($"{options.Url.AbsoluteUri.TrimEnd('/')}/{path}");

    private async Task<Answer> SendAsync(Func<HttpRequestMessage> request, string what, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var problem = "no answer";
        Exception? cause = null;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                using var message = request();
                using var response = await http.SendAsync(message, linked.Token);
                var body = await response.Content.ReadAsByteArrayAsync(linked.Token);
                if (response.IsSuccessStatusCode)
                    return new Answer(0, "", body);

                if (!IsTransient(response.StatusCode))
                    return Refusal(response.StatusCode, body);

                (problem, cause) = ($"HTTP {(int)response.StatusCode} {Refusal(response.StatusCode, body).Message}", null);
            }
            catch (HttpRequestException e)
            {
                (problem, cause) = (e.Message, e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(what, problem, cause ?? e);
            }

            try
            {
                await Task.Delay(pause, Time, linked.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(what, problem, cause);
            }
        }
    }

    private ContractException TimedOut(string what, string problem, Exception? cause) =>
        new($"schema registry {options.Url}: {what}: found {problem}; expected an answer within {options.Timeout}. Check that the registry runs at this address.", cause);

    private static bool IsTransient(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static Answer Refusal(HttpStatusCode status, byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize<ErrorBody>(body) is { ErrorCode: not 0 } error)
                return new Answer(error.ErrorCode, error.Message, body);
        }
        catch (JsonException)
        {
            // A proxy's page rather than the registry's answer: the status says what there is to say.
        }

        return new Answer((int)status, $"answered {(int)status} {status} without the registry's error format", body);
    }

    private T Read<T>(byte[] body, Uri address)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new ContractException($"schema registry {options.Url}: {address.AbsolutePath}: found an answer that is not the registry's JSON ({e.Message}). Check that the address is a schema registry.", e);
        }
    }

    private readonly record struct Answer(int Code, string Message, byte[] Body);

    private sealed record IdBody([property: JsonPropertyName("id"), JsonRequired] int Id);

    private sealed record SchemaBody(
        [property: JsonPropertyName("schema"), JsonRequired] string Schema,
        [property: JsonPropertyName("schemaType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchemaType = null);

    private sealed record VersionBody(
        [property: JsonPropertyName("id"), JsonRequired] int Id,
        [property: JsonPropertyName("schema"), JsonRequired] string Schema,
        [property: JsonPropertyName("schemaType")] string? SchemaType = null);

    private sealed record ErrorBody([property: JsonPropertyName("error_code")] int ErrorCode, [property: JsonPropertyName("message")] string Message);
}

/// <summary>The latest version of a subject.</summary>
/// <param name="Id">Its global id.</param>
/// <param name="Schema">Its document.</param>
public sealed record LatestSchema(int Id, string Schema);
