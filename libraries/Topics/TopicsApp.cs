using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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

    public static WebApplication Build(TopicsSetup setup) =>
        AdminApi.Build(setup.Urls, setup.Logging, setup.AdminToken, services => AddServices(services, setup), Map);

    private static void AddServices(IServiceCollection services, TopicsSetup setup)
    {
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
    }

    private static void Map(IEndpointRouteBuilder api)
    {
        TopicEndpoints.Map(api);
        GroupEndpoints.Map(api);
        MessageEndpoints.Map(api);
        ReplayEndpoints.Map(api);
        BalancingEndpoints.Map(api);
        SizingEndpoints.Map(api);
    }
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
