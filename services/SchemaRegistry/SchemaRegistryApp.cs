using RealTimeMesh.SchemaRegistry.Endpoints;
using RealTimeMesh.SchemaRegistry.Storage;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class SchemaRegistryApp
{
    // Schemas are kilobytes; what is larger is a mistake or an attack.
    private const int MaxRequestBytes = 2 * 1024 * 1024;

    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = "RealTimeMesh.SchemaRegistry",
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.AddServiceDefaults("SchemaRegistry");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxRequestBytes);
        builder.Services.AddSingleton<Registry>();
        builder.Services.AddHostedService<RegistryLifetime>();

        var app = builder.Build();
        var registry = app.MapGroup("").AddEndpointFilter<RegistryErrorFilter>();
        registry.MapSubjects();
        registry.MapSchemas();
        registry.MapCompatibility();
        registry.MapConfiguration();
        app.MapServiceDefaults();
        app.MapFallback(RegistryAnswers.NoSuchRoute);
        return app;
    }
}
