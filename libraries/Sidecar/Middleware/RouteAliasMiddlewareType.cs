using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>
/// <c>middleware.http.routeralias</c>: other names for paths. The setting <c>routes</c> is a map in JSON or YAML of paths
/// to those they stand for; without it every setting is such a pair.
/// </summary>
public sealed class RouteAliasMiddlewareType : IComponentType
{
    public string Name => "middleware.http.routeralias";

    public IReadOnlyList<ComponentSetting> Settings { get; } = [new("routes")];

    /// <summary>A setting it does not know is a route.</summary>
    public bool AcceptsUnknownSettings => true;

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(new RouteAliasMiddleware([.. Routes(spec, context).Select(route => new RouteAlias(RoutePattern.Parse(route.Key), route.Value))]));

    private static IEnumerable<KeyValuePair<string, string>> Routes(ComponentSpec spec, ComponentContext context)
    {
        if (spec.Metadata.Count == 0)
            return [];
        var routes = spec.Text("routes", "");
        if (spec.Metadata.Count == 1 && routes.Length > 0)
            return Read(routes);
        Log.RoutesAsPairs(context.Logs.CreateLogger("dapr.contrib"));
        return spec.Metadata.Any(pair => pair.Key.Length == 0 || pair.Value.Length == 0)
            ? throw new RealTimeMeshException("invalid key/value pair in metadata: must not be empty")
            : spec.Metadata;
    }

    private static IEnumerable<KeyValuePair<string, string>> Read(string routes)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(routes));
        }
        catch (YamlException exception)
        {
            throw new RealTimeMeshException($"failed to decode 'routes' property as JSON or YAML: {exception.Message}", exception);
        }

        return yaml.Documents switch
        {
            [] => [],
            [{ RootNode: YamlMappingNode map }, ..] => map.Children.Select(entry => KeyValuePair.Create(Text(entry.Key), Text(entry.Value))).ToList(),
            _ => throw NoMap(),
        };
    }

    private static string Text(YamlNode node) => node is YamlScalarNode scalar ? scalar.Value ?? "" : throw NoMap();

    private static RealTimeMeshException NoMap() => new("failed to decode 'routes' property as JSON or YAML: expected a map of paths to paths");
}
