using Microsoft.AspNetCore.Builder;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Warehouse.Execution;
using RealTimeMesh.Warehouse.Security;

namespace RealTimeMesh.Warehouse;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class WarehouseApp
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = "RealTimeMesh.Warehouse", ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults("Warehouse");
        var settings = MeshSettings.From(builder.Configuration);
        builder.Services.AddSingleton(WarehouseOptions.From(builder.Configuration, settings.DataPath));
        builder.Services.AddSingleton<WarehouseDatabase>();
        builder.Services.AddSingleton<BearerCheck>();
        builder.Services.AddSingleton<StatementService>();

        var app = builder.Build();
        // Opened before the first request, so that a bad key or an unreadable database stops the start.
        app.Services.GetRequiredService<BearerCheck>();
        app.Services.GetRequiredService<StatementService>();
        app.MapStatements();
        app.MapServiceDefaults();
        return app;
    }
}
