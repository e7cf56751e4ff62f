namespace RealTimeMesh.Sidecar.Tests.BlackBox.ResourceLoading;

public sealed class NamespaceTests
{
    private const string FourNamespaces = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
         name: abc
         namespace: abc
        spec:
         type: state.in-memory
         version: v1
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
         name: 123
        spec:
         type: state.in-memory
         version: v1
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
         name: 456
         namespace: foobar
        spec:
         type: state.in-memory
         version: v1
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
         name: 789
         namespace: mynamespace
        spec:
         type: state.in-memory
         version: v1
        """;

    private static readonly IReadOnlyDictionary<string, string> MyNamespace = new Dictionary<string, string> { ["NAMESPACE"] = "mynamespace" };

    [Fact]
    public async Task Process_without_a_namespace_loads_components_of_all()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [FourNamespaces] });
        Assert.Equal(["123 state.in-memory/v1", "456 state.in-memory/v1", "789 state.in-memory/v1", "abc state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    [Fact]
    public async Task Process_with_a_namespace_loads_its_own_and_those_without_one()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [FourNamespaces], Environment = MyNamespace });
        Assert.Equal(["123 state.in-memory/v1", "789 state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    [Fact]
    public async Task In_memory_state_tells_exactly_daprds_capabilities()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("123")] });
        var capabilities = DaprdReads.List(await daprd.MetadataAsync(), "components").Single().GetProperty("capabilities").EnumerateArray().Select(name => name.GetString()).ToArray();
        Assert.Equal(["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"], capabilities);
    }

    [Fact]
    public async Task Names_repeated_across_namespaces_are_all_told_where_namespaces_do_not_count()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Repeated] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync(
            @"Fatal error from runtime: failed to load components: duplicate definition of Component name abc (pubsub.in-memory/v1) with existing abc (state.in-memory/v1)\n"
            + @"duplicate definition of Component name abc (state.in-memory/v1) with existing abc (state.in-memory/v1)\n"
            + @"duplicate definition of Component name 123 (state.in-memory/v1) with existing 123 (state.in-memory/v1)\n"
            + "duplicate definition of Component name 123 (pubsub.in-memory/v1) with existing 123 (state.in-memory/v1)");
    }

    [Fact]
    public async Task Names_repeated_in_another_namespace_do_not_count()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Repeated], Environment = MyNamespace });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync(
            @"Fatal error from runtime: failed to load components: duplicate definition of Component name abc (pubsub.in-memory/v1) with existing abc (state.in-memory/v1)\n"
            + @"duplicate definition of Component name 123 (state.in-memory/v1) with existing 123 (state.in-memory/v1)\n"
            + "duplicate definition of Component name 123 (pubsub.in-memory/v1) with existing 123 (state.in-memory/v1)");
    }

    private static string Repeated => string.Join("\n---\n",
        Component("abc", "mynamespace", "state"), Component("abc", null, "pubsub"), Component("abc", "foobar", "state"),
        Component("123", null, "state"), Component("123", "mynamespace", "state"), Component("123", null, "pubsub"));

    private static string Component(string name, string? inNamespace, string category) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        {(inNamespace is null ? "" : $"  namespace: {inNamespace}")}
        spec:
          type: {category}.in-memory
          version: v1
        """;
}
