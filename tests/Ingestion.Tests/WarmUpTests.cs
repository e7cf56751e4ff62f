using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Warming;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>The service makes requests of itself that nobody else sees.</summary>
public sealed class WarmUpTests
{
    [Fact]
    public async Task A_warm_up_takes_events_and_leaves_nothing_behind()
    {
        await using var app = await TestIngestion.StartAsync();
        var answers = await app.App.Services.GetRequiredService<WarmUp>().RunAsync(CancellationToken.None);
        Assert.NotEmpty(answers);
        Assert.All(answers, status => Assert.Equal(StatusCodes.Status202Accepted, status));
        Assert.Equal((0, 0), (app.Log.Count(Samples.Topic), app.Log.Count($"{Samples.Topic}.dlq")));
        Assert.Equal(0, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
        Assert.Equal(0, app.App.Services.GetRequiredService<MemoryBudget>().Peak);
        Assert.DoesNotContain("WarmUp", await app.Client.GetStringAsync("/metrics"));
        Assert.Equal(StatusCodes.Status202Accepted, (int)(await app.PostAsync(Samples.Good(1))).StatusCode);
    }

    [Fact]
    public void A_sample_event_is_one_of_its_contract()
    {
        var contract = AvroContract.Parse("""
            {"type":"record","name":"All","fields":[
              {"name":"flag","type":"boolean"}, {"name":"small","type":"int"}, {"name":"large","type":["null","long"],"default":null},
              {"name":"single","type":"float"}, {"name":"double","type":"double"}, {"name":"text","type":"string"}, {"name":"raw","type":"bytes"},
              {"name":"day","type":{"type":"int","logicalType":"date"}}, {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
              {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}}]}
            """);
        var reader = new JsonRowReader(contract.Rows);
        Assert.True(reader.TryRead(SampleEvent.Write(contract.Rows), new ColumnBatch(contract.Rows), out var fault), fault.ToString());
    }
}
