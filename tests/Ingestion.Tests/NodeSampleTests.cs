using System.Diagnostics;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class NodeSampleTests
{
    private static readonly AvroContract Departure = AvroContract.Parse("""
        {"type":"record","name":"Departure","fields":[{"name":"scheduled","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"delay","type":"int"},{"name":"origin","type":"string"}]}
        """);

    private static readonly AvroContract Flight = AvroContract.Parse("""
        {"type":"record","name":"Flight","fields":[{"name":"date","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"delay","type":"int"},{"name":"origin","type":"string"}]}
        """);

    [Fact]
    public async Task The_gRPC_client_of_Node_publishes_and_goes_on_where_it_stopped()
    {
        var folder = Path.Combine(Repository.Root, "samples", "ingestion");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "@grpc", "grpc-js")), "@grpc/grpc-js is not installed (apt-get install nodejs npm; npm install --prefix samples/ingestion)");
        var stream = new StreamDefinition { Pipeline = "flights", Name = "departures", Contract = Departure, Key = "origin", Time = new EventTime("scheduled", TimeSpan.Zero, TimeSpan.FromSeconds(1)) };
        await using var app = await TestIngestion.StartAsync(stream);
        Assert.StartsWith("source goes on at 0", await RunAsync(folder, app, 1000));
        Assert.StartsWith("source goes on at 1000", await RunAsync(folder, app, 250));
        Assert.Equal(Enumerable.Range(0, 1250).Select(i => (long)i), app.Log.Read("flights.departures").Select(item => item.Sequence));
    }

    [Fact]
    public async Task The_SDK_of_CloudEvents_for_Node_sends_in_each_mode()
    {
        var folder = Path.Combine(Repository.Root, "samples", "ingestion");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "cloudevents")), "the SDK of CloudEvents is not installed (apt-get install nodejs npm; npm install --prefix samples/ingestion)");
        await using var app = await TestIngestion.StartAsync(new StreamDefinition { Pipeline = "flights", Name = "departures", Contract = Flight, Key = "origin", Time = new EventTime("date", TimeSpan.Zero, TimeSpan.FromSeconds(1)) });
        var output = await RunAsync(folder, app, 0, "cloudevents.mjs");
        Assert.Equal(["structured: 202", "binary: 202", "batch: 202"], output.Trim().Split('\n').Select(line => line[..line.IndexOf(" {", StringComparison.Ordinal)]));
        var stored = app.Log.Read("flights.departures");
        Assert.Equal(["1", "2", "3", "4"], MemoryLog.Rows(stored, Flight).Select(row => row.Split('|')[1]));
        Assert.All(stored, item => Assert.Equal(("/samples/node", "departed", "Köln/Bonn"), (item.Source, item.Headers["ce_type"], item.Headers["ce_subject"])));
        Assert.Equal(4, stored.Select(item => item.Id).Distinct().Count());
    }

    private static async Task<string> RunAsync(string folder, TestIngestion app, int count, string program = "publisher.mjs")
    {
        var start = new ProcessStartInfo("node", [Path.Combine(folder, program)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["INGESTION"] = new Uri(app.App.Urls.First()).Authority;
        start.Environment["COUNT"] = $"{count}";
        using var node = Process.Start(start)!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(node.ExitCode == 0, await errors);
        return await output;
    }
}
