using System.Globalization;

namespace RealTimeMesh.AppHost.Running;

/// <summary>The settings a service gets: the same names it would read from the environment in production.</summary>
internal static class ServiceArguments
{
    public static Dictionary<string, string> For(HostOptions options, MeshPlan plan, int port, AppPlan? app)
    {
        // What the run file says of an app yields to what the host was asked for.
        var settings = new Dictionary<string, string>(app?.App.Environment ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["urls"] = MeshPlan.Loopback(port).ToString().TrimEnd('/'),
            ["MESH_IN_PROCESS"] = "true",
            ["MESH_DATA"] = options.DataPath,
            ["MESH_PIPELINES"] = options.PipelinesPath,
            ["MESH_PIPELINE"] = string.Join(',', options.Pipelines),
            ["MESH_RETRIES"] = options.RetriesPath,
            ["MESH_REPLAY"] = options.Replay,
            ["SCHEMA_REGISTRY_URL"] = plan.RegistryUrl.ToString(),
            ["WAREHOUSE_URL"] = plan.WarehouseUrl.ToString(),
            ["MESH_TOPICS_URL"] = plan.TopicsUrl?.ToString() ?? "",
        };
        if (options.Ingest is { } source)
        {
            settings["MESH_INGEST_PATH"] = source.Path;
            settings["MESH_INGEST_STREAM"] = source.Topic;
            settings["MESH_INGEST_FORMAT"] = source.Format ?? "";
            settings["MESH_INGEST_ON_ERROR"] = source.OnError.ToString();
        }

        foreach (var other in plan.Apps.Where(other => other.InProcess is not null))
            settings[other.InProcess!.AddressKey] = other.Url.ToString();
        if (plan.DeadLettersUrl is { } letters)
            settings["MESH_DEAD_LETTERS_URL"] = letters.ToString();
        if (app is null)
            return settings;
        settings["APP_ID"] = app.App.AppId;
        settings["APP_PORT"] = app.Port.ToString(CultureInfo.InvariantCulture);
        settings["DAPR_HTTP_PORT"] = app.DaprHttpPort.ToString(CultureInfo.InvariantCulture);
        settings["DAPR_GRPC_PORT"] = app.DaprGrpcPort.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    public static string[] AsArguments(Dictionary<string, string> settings) =>
        [.. settings.Select(pair => $"--{pair.Key}={pair.Value}")];
}
