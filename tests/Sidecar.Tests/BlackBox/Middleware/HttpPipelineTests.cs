using System.Globalization;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Middleware;

/// <summary><c>httpPipeline</c>: middleware in front of the API.</summary>
public sealed class HttpPipelineTests
{
    [Fact]
    public async Task Requests_through_the_sidecar_that_has_the_pipeline_are_in_upper_case()
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var one = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration("httpPipeline", ("uppercase", "uppercase"))],
            Resources = [PipelineApps.Uppercase("uppercase")],
        });
        await using var two = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
        Assert.Equal("HELLO", await PipelineApps.EchoAsync(one, one));
        Assert.Equal("HELLO", await PipelineApps.EchoAsync(one, two));
        Assert.Equal("hello", await PipelineApps.EchoAsync(two, one));
        Assert.Equal("hello", await PipelineApps.EchoAsync(two, two));
        Assert.Equal("ÄÖß 😀 ΩJ", await PipelineApps.EchoAsync(one, two, "äöß 😀 ωj"));
        await one.LoggedAsync("Adding middleware.http.uppercase/v1 uppercase middleware");
        await one.LoggedAsync("Building pipeline server");
    }

    [Theory]
    [InlineData("request", "\"value\"")]
    [InlineData("unknown", "\"value\"")]
    [InlineData("response", "\"VALUE\"")]
    [InlineData("both", "\"VALUE\"")]
    public async Task Direction_says_whose_bodies_are_in_upper_case(string direction, string read)
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration("httpPipeline", ("uppercase", "uppercase"))],
            Resources = [PipelineApps.Uppercase("uppercase", ("direction", direction)), Manifests.InMemoryState("store")],
        });
        // The API over gRPC has no pipeline.
        await daprd.Grpc.SaveStateAsync(new() { StoreName = "store", States = { new global::Dapr.Client.Autogen.Grpc.v1.StateItem { Key = "k", Value = Google.Protobuf.ByteString.CopyFromUtf8("\"value\"") } } });
        Assert.Equal(read, (await daprd.GetAsync("/v1.0/state/store/k")).Body);
        Assert.Equal("HELLO", await PipelineApps.EchoAsync(daprd, daprd));
    }

    [Fact]
    public async Task Aliases_are_followed_in_the_order_of_the_pipeline_with_what_the_path_holds_as_query()
    {
        await using var app1 = await PipelineApps.StartAsync("daprd1");
        await using var one = await Daprd.StartAsync(new DaprdSetup { AppPort = app1.Port });
        await using var two = await Daprd.StartAsync(new DaprdSetup
        {
            Configs = [PipelineApps.Configuration("httpPipeline", ("routeralias1", "routeralias"), ("routeralias2", "routeralias"))],
            Resources =
            [
                PipelineApps.Aliases("routeralias1", $$"""{ "/helloworld": "/v1.0/invoke/{{one.AppId}}/method/foobar" }"""),
                PipelineApps.Aliases("routeralias2", $$"""
                    {
                    	  "/helloworld": "/v1.0/invoke/{{one.AppId}}/method/barfoo",
                    		"/v1.0/invoke/{{one.AppId}}/method/foobar": "/v1.0/invoke/{{one.AppId}}/method/abc",
                    		"/orders/{id}/{part:[a-z]+}": "/v1.0/invoke/{{one.AppId}}/method/order",
                    		"/store/{key}": "/v1.0/state/store/fixed"
                    	}
                    """.Replace("\n", "\n    ", StringComparison.Ordinal)),
                Manifests.InMemoryState("store"),
            ],
        });
        Assert.Equal("daprd1:/abc", (await two.PostAsync("/helloworld")).Body);
        Assert.Equal("daprd1:/order?id=a+b&part=x&q=1", (await two.PostAsync("/orders/a%20b/x?q=1")).Body);
        Assert.Equal(404, (int)(await two.PostAsync("/orders/1/2")).Status);
        Assert.Equal(204, (int)(await two.PostAsync("/v1.0/state/store", """[{"key":"fixed","value":1}]""")).Status);
        Assert.Equal("1", (await two.GetAsync("/store/any")).Body);
    }

    [Theory]
    [InlineData("httpPipeline")]
    [InlineData("appHttpPipeline")]
    public async Task Handler_without_a_component_is_passed_over(string pipeline)
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Configs = [PipelineApps.Configuration(pipeline, ("uppercase", "uppercase"))] });
        Assert.Equal("hello", await PipelineApps.EchoAsync(daprd, daprd));
    }

    [Theory]
    [InlineData("middleware.http.unknown", "routes", "x", "HTTP middleware middleware.http.unknown/v1 has not been registered")]
    [InlineData("middleware.http.routeralias", "routes", "[1]", "error creating HTTP middleware middleware.http.routeralias/v1: failed to decode 'routes' property as JSON or YAML: ")]
    public async Task Middleware_that_cannot_be_made_ends_the_process(string type, string setting, string value, string text)
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Manifests.Component("mine", type, (setting, value))] });
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync(string.Create(CultureInfo.InvariantCulture, $"[CREATE_COMPONENT_FAILURE]: initialization error occurred for mine ({type}/v1): process component mine error: {text}"));
    }
}
