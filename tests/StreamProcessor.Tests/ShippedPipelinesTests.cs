using System.Text.Json;
using RealTimeMesh.Testing;

namespace RealTimeMesh.StreamProcessor.Tests;

public class ShippedPipelinesTests
{
    [Fact]
    public async Task Views_of_the_shipped_pipelines_compile()
    {
        await using var app = StreamProcessorApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_PIPELINES={Repository.PathOf("pipelines")}", "--DAPR_GRPC_PORT=1", "--Logging:LogLevel:RealTimeMesh=None"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(app.Urls.First() + "/v1/views"), TestContext.Current.CancellationToken)).RootElement;

        var views = answer.GetProperty("views").EnumerateArray().Select(view => $"{view.GetProperty("pipeline").GetString()}.{view.GetProperty("view").GetString()}").ToArray();
        Assert.Contains("flights.delays_by_airport", views);
        Assert.Contains("flights.busiest_routes", views);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }
}
