namespace RealTimeMesh.Sidecar.Tests.BlackBox.Middleware;

/// <summary><c>appHttpPipeline</c>: middleware in front of the app.</summary>
public sealed class AppPipelineTests
{
    [Fact]
    public async Task Calls_of_the_app_that_has_the_pipeline_are_in_upper_case()
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var one = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration("appHttpPipeline", ("uppercase", "uppercase"))],
            Resources = [PipelineApps.Uppercase("uppercase")],
        });
        await using var two = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
        Assert.Equal("HELLO", await PipelineApps.EchoAsync(one, one));
        Assert.Equal("hello", await PipelineApps.EchoAsync(one, two));
        Assert.Equal("HELLO", await PipelineApps.EchoAsync(two, one));
        Assert.Equal("hello", await PipelineApps.EchoAsync(two, two));
    }

    [Fact]
    public async Task Aliases_are_followed_in_the_order_of_the_pipeline()
    {
        await using var app1 = await PipelineApps.StartAsync("daprd1");
        await using var app2 = await PipelineApps.StartAsync("daprd2");
        await using var one = await Daprd.StartAsync(new DaprdSetup { AppPort = app1.Port });
        await using var two = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app2.Port,
            Configs = [PipelineApps.Configuration("appHttpPipeline", ("routeralias1", "routeralias"), ("routeralias2", "routeralias"))],
            Resources =
            [
                PipelineApps.Aliases("routeralias1", """{ "/helloworld": "/foobar", "/xyz": "/abc" }"""),
                PipelineApps.Aliases("routeralias2", """{ "/helloworld": "/xyz", "/foobar": "/abc" }"""),
            ],
        });
        Assert.Equal("daprd2:/abc?a=b%20c", (await one.PostAsync($"/v1.0//invoke/{two.AppId}/method/helloworld?a=b%20c")).Body);
    }

    [Fact]
    public async Task Deliveries_pass_the_pipeline_too()
    {
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"PUB","topic":"t","route":"/alias"}]""".Replace("PUB", "pub", StringComparison.Ordinal));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration("appHttpPipeline", ("alias", "routeralias"), ("uppercase", "uppercase"))],
            Resources = [PipelineApps.Aliases("alias", """{ "/alias": "/orders" }"""), PipelineApps.Uppercase("uppercase"), Manifests.InMemoryPubSub("pub")],
        });
        await daprd.PostAsync("/v1.0/publish/pub/t", "hello", "text/plain");
        var delivered = await app.NextAsync();
        Assert.Equal("/orders", delivered.Path);
        Assert.Equal("HELLO", delivered.Json.GetProperty("DATA").GetString());
    }

    [Fact]
    public async Task Answers_are_turned_where_the_direction_says_so()
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration("appHttpPipeline", ("uppercase", "uppercase"))],
            Resources = [PipelineApps.Uppercase("uppercase", ("direction", "response"))],
        });
        Assert.Equal("APP:/BAR", (await daprd.PostAsync($"/v1.0/invoke/{daprd.AppId}/method/bar")).Body);
    }
}
