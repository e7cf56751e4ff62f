using RealTimeMesh.Console;
using RealTimeMesh.Ingestion;
using RealTimeMesh.Lakehouse;
using RealTimeMesh.Retries;
using RealTimeMesh.Postgres;
using RealTimeMesh.SparkJobs;
using RealTimeMesh.StreamProcessor;

namespace RealTimeMesh.AppHost.Topology;

/// <summary>The .NET services that can run inside the host's process, by the folder that the run file names. Any other app is a child process.</summary>
internal static class AppCatalog
{
    private static readonly Dictionary<string, InProcessApp> Known = new(StringComparer.Ordinal)
    {
        ["Ingestion"] = new(args => IngestionApp.Build(args, new PostgresConnector(TimeProvider.System)), "MESH_INGESTION_URL"),
        ["StreamProcessor"] = new(StreamProcessorApp.Build, "MESH_STREAMPROCESSOR_URL"),
        ["Lakehouse"] = new(LakehouseApp.Build, "MESH_LAKEHOUSE_URL"),
        ["SparkJobs"] = new(SparkJobsApp.Build, "MESH_SPARKJOBS_URL"),
        ["Retries"] = new(RetriesApp.Build, RetriesApp.AddressKey),
        ["Console"] = new(ConsoleApp.Build, "MESH_CONSOLE_URL"),
    };

    /// <summary>The service of an app, or null where it has to be started as a process.</summary>
    public static InProcessApp? Find(RunApp app) =>
        app.Command is [] or ["dotnet", "run", ..] ? Known.GetValueOrDefault(Path.GetFileName(app.Directory)) : null;
}

/// <summary>How to build a service, and the setting by which others find it.</summary>
internal sealed record InProcessApp(Func<string[], WebApplication> Build, string AddressKey);
