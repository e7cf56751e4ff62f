using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Administration;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Balancing;
using RealTimeMesh.Topics.Browsing;
using RealTimeMesh.Topics.Endpoints;
using RealTimeMesh.Topics.Lags;
using RealTimeMesh.Topics.Replays;
using RealTimeMesh.Topics.Requests;
using RealTimeMesh.Topics.Resets;

namespace RealTimeMesh.Topics;

/// <summary>Administration of topics over HTTP.</summary>
public static class TopicsApp
{
    private static readonly TimeSpan RegistryTimeout = TimeSpan.FromSeconds(5);

    public static WebApplication Build(TopicsSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(setup.Urls);
        setup.Logging(builder.Logging);
        var services = builder.Services;
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        });
        services.AddSingleton(setup.Time);
        services.AddSingleton(setup.Admin);
        services.AddSingleton(_ => new AuditLog(setup.DataPath, setup.Time));
        services.AddSingleton<LagReader>();
        services.AddSingleton<OffsetResets>();
        services.AddSingleton(_ => new SchemaSource(setup.SchemaRegistryUrl, RegistryTimeout, setup.Time));
        services.AddSingleton(provider => new MessageBrowser(setup.Admin, provider.GetRequiredService<SchemaSource>().Client, setup.Time));
        services.AddSingleton<MessageTail>();
        services.AddSingleton(provider => new ReplayService(
            setup.Admin, new ReplayStore(Path.Combine(setup.DataPath, "topics", "replays")), provider.GetRequiredService<SchemaSource>().Client, setup.Time));
        services.AddSingleton<HotPartitions>();
        services.AddSingleton(provider => new RebalancingService(setup.Admin, provider.GetRequiredService<HotPartitions>(), new PlanStore(Path.Combine(setup.DataPath, "topics", "plans")), setup.Time));

        var app = builder.Build();
        app.MapGet("/healthz", static () => Results.Text("Healthy"));
        var api = app.MapGroup("/v1").AddEndpointFilter(new AdminGuard(setup.AdminToken, Refused)).AddEndpointFilter(new RefusalFilter());
        TopicEndpoints.Map(api);
        GroupEndpoints.Map(api);
        MessageEndpoints.Map(api);
        ReplayEndpoints.Map(api);
        BalancingEndpoints.Map(api);
        SizingEndpoints.Map(api);
        return app;
    }

    private static IResult Refused(int status, string thing, string found, string expected, string cure) =>
        Results.Json(new ErrorAnswer($"{thing}: found {found}; expected {expected}; {cure}."), statusCode: status);
}

/// <summary>The schema registry, where there is one.</summary>
public sealed class SchemaSource : IDisposable
{
    private readonly HttpClient? _http;

    public SchemaSource(Uri? url, TimeSpan timeout, TimeProvider time)
    {
        if (url is null)
            return;
        _http = new HttpClient();
        Client = new SchemaRegistryClient(_http, new SchemaRegistryOptions { Url = url, Timeout = timeout }, time);
    }

    public SchemaRegistryClient? Client { get; }

    public void Dispose() => _http?.Dispose();
}
