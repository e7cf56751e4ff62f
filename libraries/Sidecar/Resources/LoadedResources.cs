using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>What the resource files hold for this app.</summary>
/// <param name="Components">Those in namespace, in scope and not denied, in the order of the files.</param>
/// <param name="Subscriptions">Documents of <c>kind: Subscription</c>, in the order of the files.</param>
/// <param name="Restarting">Documents of the kinds that take effect only when the sidecar is built anew: kind and name, and the text to compare.</param>
internal sealed record LoadedResources(
    IReadOnlyList<ComponentSpec> Components, IReadOnlyList<ResourceDocument> Subscriptions, IReadOnlyDictionary<(string Kind, string Name), string> Restarting)
{
    private static readonly string[] RestartingKinds = ["Configuration", "HTTPEndpoint", "Resiliency"];

    /// <summary>Documents of <c>kind: HTTPEndpoint</c> for this app, in the order of the files.</summary>
    public IReadOnlyList<ResourceDocument> HttpEndpoints { get; init; } = [];

    public static LoadedResources None { get; } = new([], [], new Dictionary<(string, string), string>());

    /// <summary>Reads the files. Throws where they contradict each other.</summary>
    /// <param name="setup">With resources.</param>
    /// <param name="failure">How the fault begins.</param>
    /// <param name="logger">Gets a warning for each document that is left out.</param>
    public static LoadedResources Read(SidecarSetup setup, string failure, ILogger logger)
    {
        var resources = setup.Resources!;
        var options = new LoadOptions { Strict = false, AppId = setup.Options.AppId, Namespace = resources.Namespace };
        var loaded = ComponentLoader.Load(resources.Paths, options);
        foreach (var warning in loaded.Warnings)
            Log.ResourceLeftOut(logger, warning);
        if (loaded.Errors.Count > 0)
            throw new ResourceException($"{failure}: {string.Join('\n', loaded.Errors)}");
        var restarting = new Dictionary<(string, string), string>();
        foreach (var document in loaded.Documents)
        {
            if (RestartingKinds.Contains(document.Kind, StringComparer.Ordinal) && document.IsInNamespace(options.Namespace) && document.IsInScope(options.AppId))
                restarting[(document.Kind, document.Name)] = document.Root.Find("spec")?.ToJson() ?? "";
        }

        var denied = setup.Configuration.DeniedComponents;
        return new LoadedResources([.. loaded.Components.Where(component => !IsDenied(component, denied))], loaded.Subscriptions, restarting)
        {
            HttpEndpoints = [.. loaded.Documents.Where(document => document.Kind == "HTTPEndpoint" && document.IsInNamespace(options.Namespace) && document.IsInScope(options.AppId))],
        };
    }

    /// <summary>An entry of the list is a type, or a type with a version.</summary>
    private static bool IsDenied(ComponentSpec component, IReadOnlyList<string> denied) => denied.Any(entry =>
    {
        var slash = entry.LastIndexOf('/');
        var version = slash < 0 ? null : entry[(slash + 1)..];
        var type = slash < 0 ? entry : entry[..slash];
        return type.Equals(component.Type, StringComparison.OrdinalIgnoreCase) && (version is null || version.Equals(component.Version, StringComparison.OrdinalIgnoreCase));
    });
}
