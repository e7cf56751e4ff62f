namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Resource files that are wrong: the sidecar says so, and ends only where daprd does.</summary>
public sealed class ResourceFaultTests
{
    [Fact]
    public async Task Component_defined_twice_ends_the_sidecar_with_code_1()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("foo"), Manifests.InMemoryPubSub("foo")] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("duplicate definition of Component name foo (pubsub.in-memory/v1) with existing foo (state.in-memory/v1)");
    }

    [Fact]
    public async Task Component_of_an_unknown_type_ends_the_sidecar_unless_its_errors_are_ignored()
    {
        var unknown = Manifests.Component("foo", "state.no-such-thing");
        await using (var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [unknown] }))
        {
            Assert.Equal(1, await daprd.ExitedAsync());
            await daprd.LoggedAsync("couldn't find state store state.no-such-thing/v1");
        }

        await using var tolerant = await Daprd.StartAsync(new DaprdSetup { Resources = [unknown.Replace("spec:", "spec:\n  ignoreErrors: true", StringComparison.Ordinal), Manifests.InMemoryState("ss")] });
        Assert.Single((await tolerant.MetadataAsync()).GetProperty("components").EnumerateArray());
    }

    [Fact]
    public async Task Metadata_that_a_component_does_not_know_is_passed_over()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("ss", ("noSuchSetting", "1"))] });
        using var response = await daprd.Http.GetAsync("/v1.0/state/ss/k");
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
    }

    [Theory]
    [InlineData("retry", "retries")]
    [InlineData("timeout", "timeouts")]
    [InlineData("circuitBreaker", "circuitBreakers")]
    public async Task Resiliency_whose_targets_name_themselves_or_nothing_leaves_the_sidecar_running(string kind, string policies)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources =
            [
                Manifests.InMemoryPubSub("ps"),
                $$"""
                apiVersion: dapr.io/v1alpha1
                kind: Resiliency
                metadata:
                  name: circle
                spec:
                  policies:
                    {{policies}}: &all
                      a: {{(kind == "timeout" ? "1s" : "{}")}}
                  targets:
                    apps:
                      a: { {{kind}}: b }
                      b: { {{kind}}: a }
                    components:
                      ps:
                        outbound: { {{kind}}: ps }
                        inbound: { {{kind}}: missing }
                """,
            ],
        });
        using var content = new StringContent("x");
        using var response = await daprd.Http.PostAsync("/v1.0/publish/ps/t", content);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
    }

    [Theory]
    [InlineData("not yaml: [")]
    [InlineData("a: &a [*a]")]
    [InlineData("- just\n- a list")]
    [InlineData("\0\u0001\u0002")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Component\nspec: nothing")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: NoSuchKind\nmetadata:\n  name: x")]
    public async Task File_that_is_no_resource_is_told_or_passed_over_and_the_others_load(string text)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [text, Manifests.InMemoryState("ss")] });
        Assert.Single((await daprd.MetadataAsync()).GetProperty("components").EnumerateArray());
        Unexpected.AssertNoneIn(daprd.Log);
    }

    [Fact]
    public async Task Subscriptions_with_wrong_rules_leave_the_others_working()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"ps","topic":"good","route":"/good"}]""");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Resources =
            [
                Manifests.InMemoryPubSub("ps"),
                $$"""
                apiVersion: dapr.io/v2alpha1
                kind: Subscription
                metadata:
                  name: deep
                spec:
                  pubsubname: ps
                  topic: bad
                  routes:
                    rules:
                    - match: '{{new string('(', 5000)}}1{{new string(')', 5000)}}'
                      path: /a
                """,
            ],
        });
        using var content = new StringContent("x");
        using var response = await daprd.Http.PostAsync("/v1.0/publish/ps/good", content);
        Assert.Equal("/good", (await app.NextAsync()).Path);
    }
}
