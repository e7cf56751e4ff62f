using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Writes <c>endpoints.json</c> into the data folder, so that scripts and tests find a running mesh.</summary>
internal static class EndpointsFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string dataPath, MeshPlan plan)
    {
        var content = new
        {
            ProcessId = Environment.ProcessId,
            Console = plan.ConsoleUrl,
            SchemaRegistry = plan.RegistryUrl,
            Warehouse = plan.WarehouseUrl,
            Topics = plan.TopicsUrl,
            DeadLetters = plan.DeadLettersUrl,
            Redis = plan.RedisPort == 0 ? null : $"127.0.0.1:{plan.RedisPort}",
            Apps = plan.Apps.ToDictionary(app => app.App.AppId, app => new { app.Url, app.DaprHttpPort, app.DaprGrpcPort }),
        };
        var path = PathIn(dataPath);
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(content, Format));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    public static void Delete(string dataPath) => File.Delete(PathIn(dataPath));

    private static string PathIn(string dataPath) => Path.Combine(dataPath, "endpoints.json");
}
