using System.Text.Json.Nodes;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Contexts, and what a registry tells of itself.</summary>
internal static class ServerEndpoints
{
    public static void MapServer(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => RegistryAnswers.Json(new JsonObject()));
        routes.MapPost("/", () => RegistryAnswers.Json(new JsonObject()));
        routes.MapGet("/contexts", Contexts);
        routes.MapDelete("/contexts/{context}", DeleteContext);
        routes.MapGet("/v1/metadata/id", () => RegistryAnswers.Json(new JsonObject
        {
            ["id"] = "",
            ["scope"] = new JsonObject
            {
                ["path"] = new JsonArray(),
                ["clusters"] = new JsonObject { ["kafka-cluster"] = "realtimemesh", ["schema-registry-cluster"] = "schema-registry" },
            },
        }));
        routes.MapGet("/v1/metadata/version", () => RegistryAnswers.Json(new JsonObject { ["version"] = Version(), ["commitId"] = "" }));
        routes.MapGet("/v1/backup", Backup);
    }

    private static IResult Contexts(HttpRequest request, Registry registry) => RegistryAnswers.Json(
        request.Page(registry.Contexts().Where(context => context.StartsWith(request.Text("contextPrefix") ?? "", StringComparison.Ordinal))));

    private static IResult DeleteContext(string context, RegistryWriter writer)
    {
        writer.DeleteContext(RouteValues.Subject(context));
        return Results.NoContent();
    }

    /// <summary>The log as it is: what <c>restore</c> takes.</summary>
    private static IResult Backup(RegistryStore store) => Results.Bytes(RegistryBackup.Read(store.Folder), "application/x-ndjson", "schemas.log");

    private static string Version() => typeof(ServerEndpoints).Assembly.GetName().Version?.ToString(3) ?? "";
}
