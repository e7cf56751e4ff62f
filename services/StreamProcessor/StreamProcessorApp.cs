using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class StreamProcessorApp
{
    public static WebApplication Build(string[] args) => Build(args, null);

    /// <summary>For tests: services changed.</summary>
    internal static WebApplication Build(string[] args, Action<IServiceCollection>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = "RealTimeMesh.StreamProcessor",
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.AddServiceDefaults("StreamProcessor");
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.AddStreams();
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.MapStreams();
        app.MapLedger();
        app.MapViews();
        app.MapServiceDefaults();
        return app;
    }
}
