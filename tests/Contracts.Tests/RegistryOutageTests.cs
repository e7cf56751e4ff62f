using System.Collections.Concurrent;
using System.Net;
using RealTimeMesh.Contracts;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Contracts.Tests;

public sealed class RegistryOutageTests : IDisposable
{
    private const string Schema = """{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("registry-cache-").FullName;
    private readonly FakeRegistry _registry = new();
    private readonly HastyTime _time = new();
    private readonly HttpClient _http;

    public RegistryOutageTests() => _http = new HttpClient(_registry);

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_asked_before_goes_on_while_the_registry_is_out_and_the_rest_fails_in_bounded_time()
    {
        var client = Client();
        var id = await client.RegisterAsync("s", Schema, Cancel);
        Assert.Equal(Schema, await client.FindByIdAsync(id, Cancel));
        _registry.Out = true;

        Assert.Equal(id, await client.RegisterAsync("s", Schema, Cancel));
        Assert.Equal(Schema, await client.FindByIdAsync(id, Cancel));
        var started = _time.GetTimestamp();
        var fault = await Assert.ThrowsAsync<ContractException>(async () => await client.FindByIdAsync(99, Cancel));
        var again = await Assert.ThrowsAsync<ContractException>(async () => await client.FindByIdAsync(99, Cancel));

        Assert.True(client.IsOut);
        Assert.InRange(_time.GetElapsedTime(started), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(45));
        Assert.Contains("get schemas/ids/99: found", fault.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:30", fault.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:10", again.Message, StringComparison.Ordinal);
        _registry.Out = false;
        Assert.Null(await client.FindByIdAsync(99, Cancel));
        Assert.False(client.IsOut);
    }

    [Fact]
    public async Task A_process_that_starts_during_an_outage_has_what_the_folder_kept()
    {
        var first = Client(_folder);
        var id = await first.RegisterAsync("s", Schema, Cancel);
        await first.FindByIdAsync(id, Cancel);
        var latest = await first.FindLatestAsync("s", Cancel);
        _registry.Out = true;

        var second = Client(_folder);

        Assert.Equal(Schema, await second.FindByIdAsync(id, Cancel));
        Assert.Equal(id, await second.RegisterAsync("s", Schema, Cancel));
        Assert.Equal(latest!.Id, (await second.FindLatestAsync("s", Cancel))!.Id);
        await Assert.ThrowsAsync<ContractException>(() => second.RegisterAsync("other", Schema, Cancel));
        // Another registry's ids are other ids.
        await Assert.ThrowsAsync<ContractException>(async () => await Client(_folder, "http://elsewhere").FindByIdAsync(id, Cancel));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told_and_done_without()
    {
        var faults = new ConcurrentQueue<string>();
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        var client = new SchemaRegistryClient(_http, Options() with { CachePath = file, OnCacheFault = (text, _) => faults.Enqueue(text) }, TimeProvider.System);

        Assert.Equal(1, await client.RegisterAsync("s", Schema, Cancel));

        Assert.Contains("cannot be written", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_address_is_asked_where_one_does_not_answer()
    {
        _registry.Dead.Add("one");
        var client = new SchemaRegistryClient(_http, Options() with { Url = new Uri("http://one"), OtherUrls = [new Uri("http://two")] }, TimeProvider.System);

        Assert.Equal(1, await client.RegisterAsync("s", Schema, Cancel));
        Assert.Equal(Schema, await client.FindByIdAsync(1, Cancel));

        Assert.Equal(["one", "two", "two"], _registry.Calls.Select(call => call.Host));
    }

    [Fact]
    public async Task Credentials_are_sent_and_stay_out_of_texts()
    {
        var basic = RegistryCredentials.Basic("key", "secret");
        await new SchemaRegistryClient(_http, Options() with { Credentials = basic }, TimeProvider.System).RegisterAsync("s", Schema, Cancel);
        await new SchemaRegistryClient(_http, Options() with { Credentials = RegistryCredentials.Bearer("token") }, TimeProvider.System).RegisterAsync("s", Schema, Cancel);

        Assert.Equal(["Basic a2V5OnNlY3JldA==", "Bearer token"], _registry.Calls.Select(call => call.Authorization));
        Assert.DoesNotContain("secret", $"{Options() with { Credentials = basic }}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schemas_are_parsed_with_those_they_refer_to()
    {
        _registry.Answers["/schemas/ids/7"] = """{"schema":"{\"type\":\"record\",\"name\":\"O\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"},{\"name\":\"p\",\"type\":\"P\"}]}","references":[{"name":"P","subject":"p","version":2}]}""";
        _registry.Answers["/subjects/p/versions/2"] = """{"schema":"{\"type\":\"record\",\"name\":\"P\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"}]}","references":[{"name":"R","subject":"r","version":1}]}""";
        _registry.Answers["/subjects/r/versions/1"] = """{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"}""";

        var schema = (AvroRecord)await Client().GetSchemaByIdAsync(7, Cancel);

        Assert.Equal(["record R", "record P"], schema.Fields.Select(field => field.Schema.ToString()));
    }

    private static SchemaRegistryOptions Options() => new() { Url = new Uri("http://registry"), Timeout = TimeSpan.FromSeconds(30), OutageTimeout = TimeSpan.FromSeconds(10) };

    private SchemaRegistryClient Client(string? cache = null, string url = "http://registry") =>
        new(_http, Options() with { Url = new Uri(url), CachePath = cache }, _time);

    private sealed class FakeRegistry : HttpMessageHandler
    {
        public bool Out { get; set; }

        public HashSet<string> Dead { get; } = [];

        public Dictionary<string, string> Answers { get; } = [];

        public ConcurrentQueue<(string Host, string? Authorization)> Calls { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls.Enqueue((request.RequestUri!.Host, request.Headers.Authorization?.ToString()));
            if (Out || Dead.Contains(request.RequestUri.Host) || request.RequestUri.Host == "elsewhere")
                throw new HttpRequestException("connection refused");

            var schema = System.Text.Json.JsonSerializer.Serialize(Schema);
            var answer = Answers.GetValueOrDefault(request.RequestUri.AbsolutePath) ?? request.RequestUri.AbsolutePath switch
            {
                "/subjects/s/versions" => """{"id":1}""",
                "/subjects/s/versions/latest" => $$"""{"id":1,"version":1,"subject":"s","schema":{{schema}}}""",
                "/schemas/ids/1" => $$"""{"schema":{{schema}}}""",
                _ => null,
            };
            return Task.FromResult(answer is null
                ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("""{"error_code":40403,"message":"Schema not found"}""") }
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) });
        }
    }
}
