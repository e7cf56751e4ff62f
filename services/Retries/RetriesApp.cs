using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Retries;

/// <summary>
/// Gives events that an app did not take to it again after a while, for apps in any language: by policies in YAML, through Dapr's publish,
/// subscribe and invocation alone. The host and <c>Program.cs</c> run the same application.
/// </summary>
public static class RetriesApp
{
    /// <summary>The setting by which other services find this one.</summary>
    public const string AddressKey = "MESH_RETRIES_URL";

    /// <summary>The setting that names the policy file, or a folder of them. Default <c>retries</c>.</summary>
    public const string PathKey = "MESH_RETRIES";

    /// <summary>Throws <see cref="ConfigurationException"/> with every fault of the policies.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = "RealTimeMesh.Retries", ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults("Retries");
        var (policies, faults) = RetryPolicyLoader.Load(builder.Configuration[PathKey] ?? "retries");
        if (faults.Count > 0)
            throw new ConfigurationException(faults);
        builder.Services.AddSingleton(policies);
        // Attempts have their own limit.
        builder.Services.AddSingleton(_ => new HttpClient { Timeout = Timeout.InfiniteTimeSpan });
        builder.Services.AddSingleton<AppInvoker>();
        var app = builder.Build();
        foreach (var policy in policies)
            app.MapPolicy(policy);
        app.MapGet("/v1/retries", RetryPolicies.List);
        app.MapServiceDefaults();
        return app;
    }
}
