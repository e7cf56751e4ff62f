using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
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

    [Fact]
    public async Task Views_of_the_documentation_compile_in_the_shipped_pipeline_they_are_for()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-documented-");
        try
        {
            var shipped = new DirectoryInfo(Repository.PathOf("pipelines/market"));
            foreach (var file in shipped.EnumerateFiles("*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder.FullName, "market", Path.GetRelativePath(shipped.FullName, file.FullName));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                file.CopyTo(copy);
            }

            var page = await File.ReadAllTextAsync(Repository.PathOf("docs/pipelines.md"), TestContext.Current.CancellationToken);
            var views = string.Concat(page.Split("```yaml\nviews:\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]));
            var yaml = Path.Combine(folder.FullName, "market", "pipeline.yaml");
            var text = await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(yaml, text.Replace("views:\n", "views:\n" + views, StringComparison.Ordinal), TestContext.Current.CancellationToken);

            await using var app = StreamProcessorApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_PIPELINES={folder.FullName}", "--DAPR_GRPC_PORT=1", "--Logging:LogLevel:RealTimeMesh=None"]);
            var flows = app.Services.GetRequiredService<StreamSet>().Flows;
            Assert.Equal(
                ["rolling_volume", "bursts", "fills", "slippage", "once", "hundreds", "ever", "quoted", "reversals", "unanswered", "largest", "busiest"],
                flows.SelectMany(flow => flow.Views).Select(view => view.Name));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
