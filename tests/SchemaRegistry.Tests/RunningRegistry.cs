using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>The registry on a free port, over a folder that tests may keep, break and reopen.</summary>
internal sealed class RunningRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningRegistry(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
        Http = new HttpClient { BaseAddress = url };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public static async Task<RunningRegistry> StartAsync(TemporaryFolder folder)
    {
        var app = SchemaRegistryApp.Build([$"--MESH_DATA={folder.Path}", "--urls=http://127.0.0.1:0"]);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new RunningRegistry(app, new Uri(address));
    }

    /// <summary>Sends a request; returns the status and the body as JSON (null where it is empty).</summary>
    public async Task<(int Status, JsonNode? Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/vnd.schemaregistry.v1+json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public Task<(int Status, JsonNode? Body)> RegisterAsync(string subject, string schema) =>
        SendAsync("POST", $"/subjects/{subject}/versions", new JsonObject { ["schema"] = schema });

    public async Task<int> RegisterOkAsync(string subject, string schema)
    {
        var (status, body) = await RegisterAsync(subject, schema);
        Assert.True(status == 200, body?.ToJsonString());
        return body!["id"]!.GetValue<int>();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
