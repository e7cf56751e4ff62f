using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.StreamProcessor.Tests;

/// <summary>A schema registry that knows one schema, under id 1.</summary>
internal sealed class RegistryStub(WebApplication app) : IAsyncDisposable
{
    public string Url => app.Urls.First();

    public static async Task<RegistryStub> StartAsync(string schema)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/schemas/ids/{id}", (int id) => id == 1
            ? Results.Text(JsonSerializer.Serialize(new Dictionary<string, string> { ["schema"] = schema }), "application/vnd.schemaregistry.v1+json")
            : Results.Text("""{"error_code":40403,"message":"Schema not found"}""", "application/vnd.schemaregistry.v1+json", statusCode: 404));
        await app.StartAsync();
        return new RegistryStub(app);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
