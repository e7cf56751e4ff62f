namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Resource documents that many tests use.</summary>
internal static class Manifests
{
    public static string InMemoryPubSub(string name) => Component(name, "pubsub.in-memory");

    public static string InMemoryState(string name, params (string Name, string Value)[] settings) => Component(name, "state.in-memory", settings);

    /// <summary>A component with a minute to start: a machine under load needs more than the default of 5 s to open a store.</summary>
    public static string Component(string name, string type, params (string Name, string Value)[] settings) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          initTimeout: 60s
          metadata:
        {string.Join("\n", settings.Select(setting => $"  - name: {setting.Name}\n    value: \"{setting.Value}\""))}
        """;
}
