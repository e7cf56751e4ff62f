using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.SparkJobs;

namespace RealTimeMesh.Console.Tests;

/// <summary>The schema registry and the job service themselves.</summary>
internal sealed class RealContracts : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("console-contracts-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication _registry = null!;
    private WebApplication? _jobs;

    public Uri Registry => new(_registry.Urls.First());

    public string[] Settings => [$"--SCHEMA_REGISTRY_URL={_registry.Urls.First()}", .. _jobs is null ? Array.Empty<string>() : [$"--MESH_SPARKJOBS_URL={_jobs.Urls.First()}"]];

    public static async Task<RealContracts> StartAsync(bool withJobs = false)
    {
        var contracts = new RealContracts();
        contracts._registry = SchemaRegistryApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_DATA={contracts._folder}", "--MESH_IN_PROCESS=true", "--Logging:LogLevel:Default=None"]);
        await contracts._registry.StartAsync();
        if (withJobs)
        {
            contracts._jobs = SparkJobsApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_DATA={contracts._folder}", $"--MESH_PIPELINES={ConsoleUnderTest.PipelinesPath}", "--MESH_IN_PROCESS=true", "--MESH_BUILD_POLL_MS=600000", "--Logging:LogLevel:Default=None"]);
            await contracts._jobs.StartAsync();
        }

        return contracts;
    }

    public async Task RegisterAsync(string subject, string schema, string type = "AVRO")
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Registry, $"/subjects/{Uri.EscapeDataString(subject)}/versions"), new { schema, schemaType = type });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(new Uri(Registry, path));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_jobs is not null)
        {
            await _jobs.StopAsync();
            await _jobs.DisposeAsync();
        }

        await _registry.StopAsync();
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
