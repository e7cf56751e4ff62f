using Microsoft.Extensions.DependencyInjection.Extensions;
using RealTimeMesh.SchemaRegistry.Endpoints;
using RealTimeMesh.SchemaRegistry.Storage;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class SchemaRegistryApp
{
    // Schemas are kilobytes, generated ones a few megabytes; what is larger is a mistake or an attack.
    private const int MaxRequestBytes = 16 * 1024 * 1024;

    // The writer answers within a second; a minute is a machine in trouble.
    private static readonly TimeSpan ForwardingTimeout = TimeSpan.FromMinutes(1);

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
        builder.Services.AddSingleton<RegistryStore>();
        builder.Services.AddSingleton<SchemaParser>();
        builder.Services.AddSingleton<Registry>();
        builder.Services.AddSingleton<RegistryWriter>();
        builder.Services.AddSingleton<SettingsWriter>();
        builder.Services.AddSingleton<SubjectAliases>();
        builder.Services.AddSingleton<WriterForwarding>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHttpClient(WriterForwarding.ClientName, client => client.Timeout = ForwardingTimeout);
        builder.Services.AddHostedService<RegistryLifetime>();

        var app = builder.Build();
        app.Use(EmptyErrors.FillAsync);
        app.Use(ContextPaths.RewriteAsync);
        app.Use(app.Services.GetRequiredService<WriterForwarding>().HandleAsync);
        app.UseRouting();
        var registry = app.MapGroup("").AddEndpointFilter<RegistryErrorFilter>();
        registry.MapSubjects();
        registry.MapSchemas();
        registry.MapCompatibility();
        registry.MapConfiguration();
        registry.MapModes();
        registry.MapServer();
        app.MapServiceDefaults();
        return app;
    }
}
