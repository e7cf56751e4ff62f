using System.Text.Json;

namespace RealTimeMesh.StreamProcessor.Tests;

public class ShippedPipelinesTests
{
    [Fact]
    public async Task Views_of_the_shipped_pipelines_compile()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "RealTimeMesh.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException("RealTimeMesh.sln is above none of the test's folders");
        await using var app = StreamProcessorApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_PIPELINES={Path.Combine(root.FullName, "pipelines")}", "--DAPR_GRPC_PORT=1", "--Logging:LogLevel:RealTimeMesh=None"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(app.Urls.First() + "/v1/views"), TestContext.Current.CancellationToken)).RootElement;

        var views = answer.GetProperty("views").EnumerateArray().Select(view => $"{view.GetProperty("pipeline").GetString()}.{view.GetProperty("view").GetString()}").ToArray();
        Assert.Contains("flights.delays_by_airport", views);
        Assert.Contains("flights.busiest_routes", views);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }
}
