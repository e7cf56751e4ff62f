namespace RealTimeMesh.Contracts;

/// <summary>
/// Client of the Confluent Schema Registry REST API. Caches ids and schemas for good (both are immutable),
/// retries transient failures within <see cref="SchemaRegistryOptions.Timeout"/>.
/// </summary>
public sealed class SchemaRegistryClient(HttpClient http, SchemaRegistryOptions options, TimeProvider time)
{
    private readonly HttpClient _http = http;
    private readonly SchemaRegistryOptions _options = options;
    private readonly TimeProvider _time = time;

    /// <summary>Registers a schema under a subject, or finds it there; returns its global id. A conflict is a <see cref="ContractException"/> with the registry's messages.</summary>
    public Task<int> RegisterAsync(string subject, string schema, CancellationToken cancellationToken) => throw new NotImplementedException($"{_http} {_options} {_time}");

    /// <summary>The contract of a global id.</summary>
    public ValueTask<AvroContract> GetByIdAsync(int id, CancellationToken cancellationToken) => throw new NotImplementedException();
}
