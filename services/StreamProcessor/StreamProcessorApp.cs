using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class StreamProcessorApp
{
    public static WebApplication Build(string[] args)
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

        var app = builder.Build();
        app.MapStreams();
        app.MapLedger();
        app.MapViews();
        app.MapServiceDefaults();
        return app;
    }
}
