using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.DeadLetters.Alerts;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Collecting;
using RealTimeMesh.DeadLetters.Endpoints;
using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.Topics;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters;

/// <summary>Collects dead letters and serves them over HTTP.</summary>
public static class DeadLettersApp
{
    private static readonly TimeSpan RegistryTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Throws <see cref="Contracts.ConfigurationException"/> where a stream's expectations cannot be compiled.</summary>
    public static WebApplication Build(DeadLettersSetup setup) =>
        AdminApi.Build(setup.Urls, setup.Logging, setup.AdminToken, services => AddServices(services, setup), Map);

    private static void Map(IEndpointRouteBuilder api)
    {
        GroupEndpoints.Map(api);
        LetterEndpoints.Map(api);
        EditEndpoints.Map(api);
        JobEndpoints.Map(api);
        AlertEndpoints.Map(api);
    }

    private static void AddServices(IServiceCollection services, DeadLettersSetup setup)
    {
        services.AddSingleton(setup);
        services.AddSingleton(setup.Time);
        services.AddSingleton(setup.Broker);
        services.AddSingleton(setup.Store);
        services.AddSingleton<LetterMetrics>();
        services.AddSingleton(new StreamChecks(setup));
        services.AddSingleton(_ => new AuditLog(setup.DataPath, setup.Time, "dead-letters"));
        services.AddSingleton(_ => new SchemaSource(setup.SchemaRegistryUrl, RegistryTimeout, setup.Time));
        services.AddSingleton<Desk>();
        services.AddSingleton<JobService>();
        services.AddSingleton<Collector>();
        services.AddSingleton<AlertService>();
        services.AddHostedService(provider => provider.GetRequiredService<Collector>());
        services.AddHostedService(provider => provider.GetRequiredService<AlertService>());
        services.AddHostedService<Trimmer>();
        services.AddHostedService<JobResumer>();
    }
}
