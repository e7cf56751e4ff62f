using RealTimeMesh.Sidecar.Tests.BlackBox.Middleware;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.HotReload;

public sealed class MiddlewareHotReloadTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("httpPipeline")]
    [InlineData("appHttpPipeline")]
    public async Task Middleware_comes_changes_its_type_and_goes_with_its_file(string pipeline)
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration(pipeline, ("uppercase", "uppercase"), ("uppercase2", "uppercase"))],
            Flags = [_folder.Flag],
        });
        Assert.Equal("hello", await PipelineApps.EchoAsync(daprd, daprd));

        _folder.Write("1.yaml", PipelineApps.Uppercase("uppercase"));
        await EchoesAsync(daprd, "HELLO", "uppercase middleware.http.uppercase/v1");

        const string Elsewhere = """{"/foo":"/v1.0/invoke/nowhere/method/bar"}""";
        _folder.Write("1.yaml", PipelineApps.Aliases("uppercase", Elsewhere) + "\n---\n" + PipelineApps.Aliases("uppercase2", Elsewhere));
        await EchoesAsync(daprd, "hello", "uppercase middleware.http.routeralias/v1", "uppercase2 middleware.http.routeralias/v1");

        _folder.Write("1.yaml", PipelineApps.Aliases("uppercase", Elsewhere) + "\n---\n" + PipelineApps.Uppercase("uppercase2"));
        await EchoesAsync(daprd, "HELLO", "uppercase middleware.http.routeralias/v1", "uppercase2 middleware.http.uppercase/v1");

        _folder.Remove("1.yaml");
        await EchoesAsync(daprd, "hello");
    }

    [Theory]
    [InlineData("httpPipeline", "/v1.0/invoke/ID/method", "/helloworld")]
    [InlineData("appHttpPipeline", "", "/v1.0/invoke/ID/method/helloworld")]
    public async Task Aliases_change_with_their_file(string pipeline, string prefix, string path)
    {
        await using var app = await PipelineApps.StartAsync("app");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port,
            Configs = [PipelineApps.Configuration(pipeline, ("alias1", "routeralias"), ("alias2", "routeralias"), ("alias3", "routeralias"))],
            Flags = [_folder.Flag],
        });
        var before = prefix.Replace("ID", daprd.AppId, StringComparison.Ordinal);
        Write(("/helloworld", "/foobar"), ("/foobar", "/abc"));
        await AnswersAsync("app:/abc");
        Write(("/barfoo", "/aaa"), ("/helloworld", "/barfoo"), ("/barfoo", "/xyz"));
        await AnswersAsync("app:/xyz");

        void Write(params (string From, string To)[] routes) => _folder.Write("res.yaml", string.Join("\n---\n", routes.Select((route, i) =>
            PipelineApps.Aliases($"alias{i + 1}", $$"""{ "{{(route.From == "/helloworld" ? "" : before)}}{{route.From}}": "{{before}}{{route.To}}" }"""))));

        Task AnswersAsync(string body) => Eventually.TrueAsync(
            async () => (await daprd.PostAsync(path.Replace("ID", daprd.AppId, StringComparison.Ordinal))).Body == body, () => $"{body}; log:\n{daprd.Log}");
    }

    private static async Task EchoesAsync(Daprd daprd, string body, params string[] components)
    {
        await daprd.HasComponentsAsync(components);
        await Eventually.TrueAsync(async () => await PipelineApps.EchoAsync(daprd, daprd) == body, () => $"{body}; log:\n{daprd.Log}");
    }
}
