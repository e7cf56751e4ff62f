using System.Net;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.ResourceLoading;

public sealed class ComponentLoadingTests
{
    [Fact]
    public async Task Component_name_of_another_component_ends_the_process()
    {
        using var files = new TempFolder();
        var secrets = files.Write("secrets.json", """{"key1":"bla"}""");
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup
        {
            Resources = [Manifests.Component("foo", "secretstores.local.file", ("secretsFile", secrets)) + "\n---\n" + Manifests.InMemoryState("foo")],
        });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Fatal error from runtime: failed to load components: duplicate definition of Component name foo (state.in-memory/v1) with existing foo (secretstores.local.file/v1)");
    }

    [Theory]
    [InlineData("workflow.dapr", "process component mine error: incorrect type workflow.dapr")]
    [InlineData("state.nosuch", "process component mine error: [INIT_COMPONENT_FAILURE]: initialization error occurred for mine (state.nosuch/v1): [CREATE_COMPONENT_FAILURE]: initialization error occurred for mine (state.nosuch/v1): couldn't find state store state.nosuch/v1")]
    [InlineData("pubsub.nosuch", "couldn't find message bus pubsub.nosuch/v1")]
    [InlineData("secretstores.local.file", "initialization error occurred for mine (secretstores.local.file/v1): missing local secrets file in metadata")]
    public async Task Component_that_cannot_be_started_ends_the_process(string type, string fault)
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Manifests.Component("mine", type)] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync($"Fatal error from runtime: process component mine error: ");
        await daprd.LoggedAsync("Error processing component, daprd will exit gracefully: process component mine error: ");
        await daprd.LoggedAsync(fault);
    }

    [Fact]
    public async Task Component_that_may_fail_does_not_keep_the_others_from_starting()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [Manifests.Component("mine", "state.nosuch").Replace("version: v1", "version: v1\n  ignoreErrors: true", StringComparison.Ordinal), Manifests.InMemoryState("other")],
        });
        Assert.Equal(["other state.in-memory/v1"], await daprd.ComponentsAsync());
        await daprd.LoggedAsync("Ignoring error processing component: process component mine error: ");
    }

    [Theory]
    [InlineData("kind: Component\nKind: Component\nmetadata: {Name: odd}\nSpec: {TYPE: state.in-memory}")]
    [InlineData("kind: Component\napiVersion: dapr.io/v1alpha1\nmetadata: {name: odd, labels: {a: b}}\nspec: {type: state.in-memory, unknown: 1}\nscopes: []")]
    [InlineData("{\"kind\":\"Component\",\"metadata\":{\"name\":\"odd\",\"creationTimestamp\":null},\"spec\":{\"type\":\"state.in-memory\",\"version\":\"v1\",\"metadata\":[]}}")]
    [InlineData("# nothing\n---\nkind: Other\n---\nkind: Component\nmetadata: {name: odd}\nspec: {type: state.in-memory}\n---\n")]
    public async Task Document_is_read_as_kubernetes_would(string document)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [document.StartsWith('{') ? document.Insert(1, "\"apiVersion\":\"dapr.io/v1alpha1\",") : document.Replace("kind: Component", "apiVersion: dapr.io/v1alpha1\nkind: Component", StringComparison.Ordinal)] });
        Assert.Equal(["odd state.in-memory/v1"], (await daprd.ComponentsAsync()).Select(component => component.EndsWith('/') ? component + "v1" : component));
    }

    [Fact]
    public async Task Components_of_every_folder_and_file_are_loaded_and_other_files_left_out()
    {
        using var one = new TempFolder();
        using var two = new TempFolder();
        one.Write("b.yml", Manifests.InMemoryState("b"));
        one.Write("notes.txt", "nothing");
        two.Write("a.yaml", Manifests.InMemoryPubSub("a"));
        two.Write("broken.yaml", "apiVersion: [");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Flags = [one.Flag, two.Flag] });
        Assert.Equal(["a pubsub.in-memory/v1", "b state.in-memory/v1"], await daprd.ComponentsAsync());
        await daprd.LoggedAsync("A non-YAML Component file notes.txt was detected, it will not be loaded");
        await daprd.LoggedAsync($"daprd load Component error when parsing manifests yaml resource in {two.Path}/broken.yaml");
    }

    [Fact]
    public async Task Missing_resource_folder_ends_the_process()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Flags = ["--resources-path=/no/such/folder"] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("/no/such/folder");
    }

    [Fact]
    public async Task Component_in_scope_of_other_apps_is_not_started()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppId = "me",
            Resources = [Manifests.InMemoryState("mine") + "\nscopes: [other, me]", Manifests.InMemoryState("theirs") + "\nscopes: [other]", Manifests.InMemoryState("all") + "\nscopes: []"],
        });
        Assert.Equal(["all state.in-memory/v1", "mine state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    [Fact]
    public async Task Denied_component_types_are_not_started()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Configs = ["apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: deny}\nspec: {components: {deny: [pubsub.in-memory, state.in-memory/v2]}}"],
            Resources = [Manifests.InMemoryState("store"), Manifests.InMemoryPubSub("pub")],
        });
        Assert.Equal(["store state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    [Fact]
    public async Task Secret_of_a_store_that_comes_later_in_the_files_reaches_the_component()
    {
        using var files = new TempFolder();
        var secrets = files.Write("secrets.json", """{"prefix":"fromsecret"}""");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources =
            [
                """
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata: {name: store}
                spec:
                  type: state.in-memory
                  version: v1
                  metadata:
                  - name: keyPrefix
                    secretKeyRef: {name: prefix, key: prefix}
                auth: {secretStore: vault}
                """,
                Manifests.Component("vault", "secretstores.local.file", ("secretsFile", secrets)),
            ],
        });
        Assert.Equal(["store state.in-memory/v1", "vault secretstores.local.file/v1"], await daprd.ComponentsAsync());
        using var saved = await daprd.Http.PostAsync("/v1.0/state/store", new StringContent("""[{"key":"k","value":"v"}]"""));
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
    }

    [Fact]
    public async Task Unknown_setting_of_a_component_is_no_fault()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("store", ("noSuchSetting", "1"))] });
        Assert.Equal(["store state.in-memory/v1"], await daprd.ComponentsAsync());
    }
}
