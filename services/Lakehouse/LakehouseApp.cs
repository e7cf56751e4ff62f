using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Administration;
using RealTimeMesh.Lakehouse.Endpoints;
using RealTimeMesh.Lakehouse.Requests;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class LakehouseApp
{
    public static WebApplication Build(string[] args) => Build(args, null, null);

    /// <summary>For tests: pipelines that are not read from a folder, and services changed.</summary>
    internal static WebApplication Build(string[] args, Func<MeshSettings, IReadOnlyList<PipelineDefinition>>? pipelines, Action<IServiceCollection>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = "RealTimeMesh.Lakehouse",
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.AddServiceDefaults("Lakehouse");
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        });
        builder.AddTables(pipelines);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.MapTopics();
        var guard = new AdminGuard(app.Configuration["MESH_ADMIN_TOKEN"], static (status, thing, found, expected, cure) => Refusals.Of(status, new RequestFault(thing, found, expected, cure)));
        app.MapTables();
        app.MapRestore(guard);
        app.MapMaintenance(guard);
        app.MapLedger();
        app.MapDeadLetters();
        app.MapServiceDefaults();
        return app;
    }
}
