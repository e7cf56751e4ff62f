using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Administration;
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
    public static WebApplication Build(DeadLettersSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(setup.Urls);
        setup.Logging(builder.Logging);
        AddServices(builder.Services, setup);
        var app = builder.Build();
        app.MapGet("/healthz", static () => Results.Text("Healthy"));
        var api = app.MapGroup("/v1").AddEndpointFilter(new AdminGuard(setup.AdminToken, Refused)).AddEndpointFilter(new RefusalFilter());
        GroupEndpoints.Map(api);
        LetterEndpoints.Map(api);
        EditEndpoints.Map(api);
        JobEndpoints.Map(api);
        AlertEndpoints.Map(api);
        return app;
    }

    private static void AddServices(IServiceCollection services, DeadLettersSetup setup)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        });
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
    }

    private static IResult Refused(int status, string thing, string found, string expected, string cure) =>
        Results.Json(new ErrorAnswer($"{thing}: found {found}; expected {expected}; {cure}."), statusCode: status);
}
