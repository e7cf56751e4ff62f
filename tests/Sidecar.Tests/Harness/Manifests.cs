namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Resource documents that many tests use.</summary>
internal static class Manifests
{
    public static string InMemoryPubSub(string name) => Component(name, "pubsub.in-memory");

    public static string InMemoryState(string name, params (string Name, string Value)[] settings) => Component(name, "state.in-memory", settings);

    public static string Component(string name, string type, params (string Name, string Value)[] settings) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join("\n", settings.Select(setting => $"  - name: {setting.Name}\n    value: \"{setting.Value}\""))}
        """;
}
