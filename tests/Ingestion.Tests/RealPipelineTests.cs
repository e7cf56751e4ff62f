using System.Net;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>The pipelines that the repository ships, as they are.</summary>
public sealed class RealPipelineTests
{
    private static readonly string Folder = Repository.PathOf("pipelines");

    [Fact]
    public async Task Every_line_of_the_bad_file_is_dead_lettered_and_no_row_of_the_sample_is()
    {
        await using var app = await TestIngestion.StartAsync(Load("flights"));
        var sample = await app.SettledSourceAsync(0);
        var bad = await app.SettledSourceAsync(1);
        Assert.True(sample.GetProperty("done").GetBoolean() && bad.GetProperty("done").GetBoolean(), $"{sample} {bad}");
        var lines = File.ReadAllBytes(Path.Combine(Folder, "flights", "data", "bad-lines.ndjson")).Count(value => value == (byte)'\n');
        var dead = app.Log.Read("flights.departures.dlq");
        Assert.Equal(lines, dead.Count);
        Assert.All(dead, item => Assert.Equal("/flights/bad-lines.ndjson", item.Source));
        Assert.Equal(sample.GetProperty("total").GetInt64(), app.Log.Read("flights.departures").Count);
        Assert.True(sample.GetProperty("total").GetInt64() >= 200_000);
        Assert.True(dead.Select(item => item.Rule).Distinct().Count() >= 6, string.Join(", ", dead.Select(item => item.Rule).Distinct()));
    }

    [Fact]
    public async Task A_broken_expectation_is_named_in_the_answer()
    {
        await using var app = await TestIngestion.StartAsync(Load("flights"), args: ["--MESH_REPLAY=off"]);
        var response = await app.PostAsync("""{"date":"2001-01-01T10:00:00Z","delay":5,"distance":100,"origin":"ORD","destination":"XX1"}""", topic: "flights.departures");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var reason = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("results")[0].GetProperty("reason");
        Assert.Equal(("expect_column_values_to_be_in_set", "destination"), (reason.GetProperty("rule").GetString(), reason.GetProperty("field").GetString()));
        var good = await app.PostAsync("""{"date":"2001-01-01T10:00:00Z","delay":5,"distance":100,"origin":"ORD","destination":"SFO"}""", topic: "flights.departures");
        Assert.Equal(HttpStatusCode.Accepted, good.StatusCode);
    }

    [Fact]
    public async Task The_bad_trades_of_the_generator_are_dead_lettered_for_their_three_reasons()
    {
        var market = Load("market");
        var trades = market with { Streams = [.. market.Streams.Where(stream => stream.Name == "trades")] };
        await using var app = await TestIngestion.StartAsync(trades);
        Assert.True((await app.SettledSourceAsync()).GetProperty("done").GetBoolean());
        var dead = app.Log.Read("market.trades.dlq");
        Assert.Equal(["price", "side", "symbol"], dead.Select(item => item.Headers["reason_field"]).Distinct().Order());
        var all = dead.Count + app.Log.Read("market.trades").Count;
        Assert.InRange(dead.Count, all / 2000, all / 500);
    }

    [Fact]
    public void A_pipeline_that_cannot_run_is_refused_with_its_faults() =>
        Assert.Contains("nosuch", Assert.Throws<ConfigurationException>(() => IngestionApp.Build([$"--MESH_PIPELINES={Folder}", "--MESH_PIPELINE=nosuch"])).Message);

    private static PipelineDefinition Load(string name)
    {
        var loaded = PipelineLoader.Load(Folder, [name]);
        Assert.Empty(loaded.Faults);
        return loaded.Pipelines.Single();
    }
}
