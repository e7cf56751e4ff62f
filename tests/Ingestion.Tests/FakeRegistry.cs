using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A registry in memory that a test may take down.</summary>
internal sealed class FakeRegistry : HttpMessageHandler
{
    private readonly Dictionary<int, (string Subject, string Text, string Language, string? Rules)> _schemas = [];

    public bool Down { get; set; }

    /// <summary>Calls that asked for a schema.</summary>
    public int Asked { get; private set; }

    public FakeRegistry Add(int id, string subject, string text, string language = "AVRO", string? rules = null)
    {
        _schemas[id] = (subject, text, language, rules);
        return this;
    }

    /// <summary>A client that has waited out its patience at once, and is never hurried by a slow machine.</summary>
    public SchemaRegistryClient Client() =>
        new(new HttpClient(this), new SchemaRegistryOptions { Url = new Uri("http://registry"), OutageTimeout = TimeSpan.FromSeconds(10) }, new HastyTime());

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Down)
            throw new HttpRequestException("the registry is down");
        return Task.FromResult(Answer(request));
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (request.Method == HttpMethod.Post)
            return Json("""{"id":7}""");
        var parts = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
        // The service itself asks for what it has registered, once.
        if (parts is not ["schemas", "ids", "7"])
            Asked++;
        if (parts is ["schemas", "ids", var id])
            return _schemas.TryGetValue(int.Parse(id), out var found) ? Schema(int.Parse(id), found) : Error(40403);
        var subject = Uri.UnescapeDataString(parts[1]);
        var versions = _schemas.Where(schema => schema.Value.Subject == subject).OrderBy(schema => schema.Key).ToArray();
        if (versions.Length == 0)
            return Error(40401);
        return parts switch
        {
            [_, _, "versions"] => Json(JsonSerializer.Serialize(Enumerable.Range(1, versions.Length))),
            [_, _, "versions", "latest"] => Schema(versions[^1].Key, versions[^1].Value),
            [_, _, "versions", var number] => Schema(versions[int.Parse(number) - 1].Key, versions[int.Parse(number) - 1].Value),
            _ => Error(404),
        };
    }

    private static HttpResponseMessage Schema(int id, (string Subject, string Text, string Language, string? Rules) schema) =>
        Json(JsonSerializer.Serialize(new { id, subject = schema.Subject, version = 1, schema = schema.Text, schemaType = schema.Language, ruleSet = schema.Rules is null ? null : JsonNode.Parse(schema.Rules) }));

    private static HttpResponseMessage Error(int code) => Json($$"""{"error_code":{{code}},"message":"not found"}""", HttpStatusCode.NotFound);

    private static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(text, Encoding.UTF8, "application/vnd.schemaregistry.v1+json") };
}
