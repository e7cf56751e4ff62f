using System.Net;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.HotReload;

public sealed class ComponentHotReloadTests : IDisposable
{
    private readonly TempFolder _one = new();
    private readonly TempFolder _two = new();

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task State_stores_come_change_and_go_with_their_files()
    {
        await using var daprd = await StartAsync();
        Assert.Empty(await daprd.ComponentsAsync());
        await RefusedAsync(daprd, "123", HttpStatusCode.InternalServerError);

        _one.Write("1.yaml", Manifests.InMemoryState("123"));
        await daprd.HasComponentsAsync("123 state.in-memory/v1");
        await WriteAndReadAsync(daprd, "123");

        _two.Write("2.yaml", Manifests.InMemoryState("xyz") + "\n---\n" + Manifests.InMemoryState("foo"));
        await daprd.HasComponentsAsync("123 state.in-memory/v1", "foo state.in-memory/v1", "xyz state.in-memory/v1");
        await WriteAndReadAsync(daprd, "xyz");
        await WriteAndReadAsync(daprd, "foo");

        _one.Write("1.yaml", Manifests.Component("123", "secretstores.local.env"));
        await daprd.HasComponentsAsync("123 secretstores.local.env/v1", "foo state.in-memory/v1", "xyz state.in-memory/v1");
        await RefusedAsync(daprd, "123", HttpStatusCode.BadRequest);

        _one.Remove("1.yaml");
        _two.Remove("2.yaml");
        await daprd.HasComponentsAsync();
        await RefusedAsync(daprd, "xyz", HttpStatusCode.InternalServerError);

        _one.Write("1.yaml", Manifests.InMemoryState("123"));
        await daprd.HasComponentsAsync("123 state.in-memory/v1");
        await WriteAndReadAsync(daprd, "123");
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Publish_to_a_removed_component_is_404()
    {
        _one.Write("1.yaml", Manifests.InMemoryPubSub("pub"));
        await using var daprd = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync(daprd));
        _one.Remove("1.yaml");
        await daprd.HasComponentsAsync();
        Assert.Equal(HttpStatusCode.NotFound, await PublishAsync(daprd));
    }

    [Fact]
    public async Task Secret_stores_come_change_and_go_and_wake_those_that_wait_for_them()
    {
        _one.Write("secrets.json", """{"one":"1"}""");
        _one.Write("store.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: store}
            spec:
              type: state.in-memory
              version: v1
              metadata:
              - name: keyPrefix
                secretKeyRef: {name: one}
            auth: {secretStore: vault}
            """);
        await using var daprd = await StartAsync();
        Assert.Empty(await daprd.ComponentsAsync());
        await daprd.LoggedAsync("Component store references a secret store that isn't loaded: vault");

        _two.Write("vault.yaml", Manifests.Component("vault", "secretstores.local.file", ("secretsFile", Path.Combine(_one.Path, "secrets.json"))));
        await daprd.HasComponentsAsync("store state.in-memory/v1", "vault secretstores.local.file/v1");
        Assert.Equal("""{"one":"1"}""", await daprd.Http.GetStringAsync("/v1.0/secrets/vault/one"));

        _two.Remove("vault.yaml");
        await daprd.HasComponentsAsync("store state.in-memory/v1");
        using var response = await daprd.Http.GetAsync("/v1.0/secrets/vault/one");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task Scope_of_a_component_is_followed()
    {
        await using var daprd = await StartAsync("myappid");
        foreach (var (scopes, present) in ((string, bool)[])[("", true), ("scopes: [foo]", false), ("scopes: [foo, myappid]", true), ("scopes: [foo]", false), ("", true)])
        {
            _one.Write("res.yaml", Manifests.InMemoryState("123") + "\n" + scopes);
            await daprd.HasComponentsAsync(present ? ["123 state.in-memory/v1"] : []);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Namespace_of_a_component_is_followed_where_the_process_has_one(bool hasNamespace)
    {
        _one.Write("1.yaml", Manifests.InMemoryState("123"));
        await using var daprd = await StartAsync(inNamespace: hasNamespace ? "mynamespace" : null);
        await daprd.HasComponentsAsync("123 state.in-memory/v1");

        _one.Write("1.yaml", InNamespace("123", "pubsub", "default"));
        await daprd.HasComponentsAsync(hasNamespace ? [] : ["123 pubsub.in-memory/v1"]);

        _one.Write("1.yaml", InNamespace("123", "state", "mynamespace") + "\n---\n" + InNamespace("foo", "state", "foobar"));
        await daprd.HasComponentsAsync(hasNamespace ? ["123 state.in-memory/v1"] : ["123 state.in-memory/v1", "foo state.in-memory/v1"]);

        _one.Write("1.yaml", string.Join("\n---\n", InNamespace("123", "state", "mynamespace"), InNamespace("foo", "state", "foobar"), InNamespace("foo", "pubsub", "mynamespace"), Manifests.InMemoryState("foo")));
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync(hasNamespace
            ? "\"Fatal error from runtime: failed to load resources from disk: duplicate definition of Component name foo (state.in-memory/v1) with existing foo (pubsub.in-memory/v1)\""
            : @"Fatal error from runtime: failed to load resources from disk: duplicate definition of Component name foo (pubsub.in-memory/v1) with existing foo (state.in-memory/v1)\n"
                + "duplicate definition of Component name foo (state.in-memory/v1) with existing foo (state.in-memory/v1)");
    }

    [Fact]
    public async Task Component_that_fails_ends_the_process_only_where_its_errors_count()
    {
        _one.Write("1.yaml", Manifests.InMemoryState("a"));
        await using var daprd = await StartAsync();
        await daprd.HasComponentsAsync("a state.in-memory/v1");

        var failing = Manifests.Component("a", "secretstores.local.file");
        _one.Write("1.yaml", failing.Replace("version: v1", "version: v1\n  ignoreErrors: true", StringComparison.Ordinal));
        await daprd.HasComponentsAsync();

        _one.Write("1.yaml", Manifests.InMemoryState("a"));
        await daprd.HasComponentsAsync("a state.in-memory/v1");

        _one.Write("1.yaml", failing);
        Assert.Equal(1, await daprd.ExitedAsync());
        const string Init = "[INIT_COMPONENT_FAILURE]: initialization error occurred for a (secretstores.local.file/v1): ";
        await daprd.LoggedAsync($"Failed to init component a (secretstores.local.file/v1): {Init}missing local secrets file in metadata");
        await daprd.LoggedAsync($"Ignoring error processing component: process component a error: {Init}{Init}missing local secrets file in metadata");
        await daprd.LoggedAsync($"Error processing component, daprd will exit gracefully: process component a error: {Init}{Init}missing local secrets file in metadata");
    }

    [Fact]
    public async Task Broken_file_is_told_and_the_others_stay()
    {
        _one.Write("1.yaml", Manifests.InMemoryState("a"));
        await using var daprd = await StartAsync();
        _one.Write("2.yaml", "apiVersion: [");
        await daprd.LoggedAsync($"error when parsing manifests yaml resource in {_one.Path}/2.yaml");
        _two.Write("3.yaml", Manifests.InMemoryState("b"));
        await daprd.HasComponentsAsync("a state.in-memory/v1", "b state.in-memory/v1");
    }

    [Fact]
    public async Task Feature_that_is_off_leaves_files_alone()
    {
        _one.Write("1.yaml", Manifests.InMemoryState("initial"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Configs = ["apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: off}\nspec: {features: [{name: HotReload, enabled: false}]}"],
            Flags = [_one.Flag],
        });
        await daprd.LoggedAsync("Hot reloading disabled");
        _one.Write("2.yaml", Manifests.InMemoryState("added"));
        _one.Remove("1.yaml");
        // Nothing is there to wait for: give a watcher, if there were one, many times its delay.
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        Assert.Equal(["initial state.in-memory/v1"], await daprd.ComponentsAsync());
    }

    private Task<Daprd> StartAsync(string? appId = null, string? inNamespace = null) => Daprd.StartAsync(new DaprdSetup
    {
        AppId = appId,
        Flags = [_one.Flag, _two.Flag],
        Environment = inNamespace is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["NAMESPACE"] = inNamespace },
    });

    private static string InNamespace(string name, string category, string inNamespace) =>
        Manifests.Component(name, $"{category}.in-memory").Replace($"name: {name}", $"name: {name}\n  namespace: {inNamespace}", StringComparison.Ordinal);

    private static async Task<HttpStatusCode> PublishAsync(Daprd daprd)
    {
        using var response = await daprd.Http.PostAsync("/v1.0/publish/pub/topic", new StringContent("x"));
        return response.StatusCode;
    }

    private static async Task WriteAndReadAsync(Daprd daprd, string store)
    {
        using (var saved = await daprd.Http.PostAsync($"/v1.0/state/{store}", new StringContent("""[{"key":"foo","value":"bar"}]""")))
            Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        Assert.Equal("\"bar\"", await daprd.Http.GetStringAsync($"/v1.0/state/{store}/foo"));
    }

    private static async Task RefusedAsync(Daprd daprd, string store, HttpStatusCode status)
    {
        using var response = await daprd.Http.PostAsync($"/v1.0/state/{store}", null);
        Assert.Equal(status, response.StatusCode);
        Assert.Matches($@"^\{{""errorCode"":""(ERR_STATE_STORE_NOT_CONFIGURED|ERR_STATE_STORE_NOT_FOUND)"",""message"":""state store {store} (is not configured|is not found)"",""details"":\[.*\]\}}$", await response.Content.ReadAsStringAsync());
    }
}
