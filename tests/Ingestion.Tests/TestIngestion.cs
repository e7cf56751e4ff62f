using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>The service on a free port, over a log and a state store in memory.</summary>
internal sealed class TestIngestion : IAsyncDisposable
{
    private TestIngestion(WebApplication app, MemoryLog log, MemoryRecords records)
    {
        App = app;
        Log = log;
        Records = records;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public MemoryLog Log { get; }

    public MemoryRecords Records { get; }

    public HttpClient Client { get; }

    public static Task<TestIngestion> StartAsync(StreamDefinition? stream = null, MemoryLog? log = null, MemoryRecords? records = null, string[]? args = null, Action<IServiceCollection>? configure = null, bool ready = true)
    {
        var definition = stream ?? Samples.Stream();
        return StartAsync(new PipelineDefinition { Name = definition.Pipeline, Directory = ".", Streams = [definition] }, log, records, args, configure, ready);
    }

    public static async Task<TestIngestion> StartAsync(PipelineDefinition pipeline, MemoryLog? log = null, MemoryRecords? records = null, string[]? args = null, Action<IServiceCollection>? configure = null, bool ready = true)
    {
        log ??= new MemoryLog();
        records ??= new MemoryRecords();
        var app = IngestionApp.Build(
            ["--urls=http://127.0.0.1:0", "--MESH_IN_PROCESS=true", "--MESH_REPLAY=max", .. args ?? []],
            _ => [pipeline],
            services =>
            {
                services.RemoveAll<ILoggerProvider>();
                services.AddSingleton<IEventPublisher>(log);
                services.AddSingleton<IRecordStore>(records);
                services.AddSingleton(provider => new SchemaRegistryClient(new HttpClient(new Registry()), new SchemaRegistryOptions { Url = new Uri("http://registry") }, provider.GetRequiredService<TimeProvider>()));
                configure?.Invoke(services);
            });
        await app.StartAsync();
        if (ready)
            await app.Services.GetRequiredService<StreamStartup>().Ready;
        return new TestIngestion(app, log, records);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string contentType = "application/json", string topic = Samples.Topic) =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType, topic);

    public Task<HttpResponseMessage> PostAsync(byte[] body, string contentType = "application/x-ndjson", string topic = Samples.Topic)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return Client.PostAsync($"/v1/streams/{topic}/events", content);
    }

    public async Task<JsonElement> LedgerAsync() =>
        (await Client.GetFromJsonAsync<JsonElement>("/v1/ledger")).GetProperty("streams")[0];

    public async Task<JsonElement> SourceAsync(int index = 0) =>
        (await Client.GetFromJsonAsync<JsonElement>("/v1/sources")).GetProperty("sources")[index];

    /// <summary>The source once it is done, or shows an error.</summary>
    public async Task<JsonElement> SettledSourceAsync(int index = 0)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var source = await SourceAsync(index);
            if (source.GetProperty("done").GetBoolean() || source.GetProperty("error").ValueKind == JsonValueKind.String)
                return source;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }

    private sealed class Registry : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(request.Method == HttpMethod.Post
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"id":7}""", Encoding.UTF8, "application/vnd.schemaregistry.v1+json") }
                : new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("""{"error_code":40403,"message":"not found"}""", Encoding.UTF8, "application/vnd.schemaregistry.v1+json") });
    }
}
