using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class EventSinkTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly OutgoingEvent[] _events = [.. Enumerable.Range(0, 7).Select(i => new OutgoingEvent("k", $"{i}", i, new byte[] { 1 }))];

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task What_earlier_calls_stored_is_known_and_nothing_is_sent_after_the_one_that_failed()
    {
        var calls = 0;
        var log = new MemoryLog { OnPublish = (_, _) => Task.FromResult<IReadOnlyList<int>>(++calls == 2 ? [1] : []) };

        var attempt = await PublishAsync(log);

        Assert.Equal((PublishStatus.Unknown, 2, 2), (attempt.Status, attempt.StoredCount, calls));
        Assert.Equal([0L, 1, 2], log.Read("t").Select(item => item.Sequence));
    }

    [Fact]
    public async Task All_calls_that_succeed_are_one_success() =>
        Assert.Equal(PublishAttempt.Stored(7), await PublishAsync(new MemoryLog()));

    [Theory]
    [InlineData(StatusCode.Internal, "Unknown")]
    [InlineData(StatusCode.Aborted, "Unknown")]
    [InlineData(StatusCode.Unavailable, "Unknown")]
    [InlineData(StatusCode.ResourceExhausted, "Overloaded")]
    [InlineData(StatusCode.InvalidArgument, "NotStored")]
    [InlineData(StatusCode.NotFound, "NotStored")]
    public async Task A_failed_call_is_certain_only_where_no_broker_was_asked(StatusCode code, string expected)
    {
        var attempt = await PublishAsync(new MemoryLog { OnPublish = (_, _) => throw new RpcException(new Status(code, "no")) });

        Assert.Equal((expected, 0, $"{code}: no"), (attempt.Status.ToString(), attempt.StoredCount, attempt.Error));
    }

    private async Task<PublishAttempt> PublishAsync(MemoryLog log)
    {
        var options = new IngestionOptions { PublishEvents = 2 };
        var memory = new MemoryBudget(options, TimeProvider.System);
        var metrics = new IngestionMetrics(_services.GetRequiredService<IMeterFactory>(), memory, new DeadLetterMetrics());
        var sink = new EventSink(log, memory, options, metrics, TimeProvider.System);
        return await sink.PublishAsync("t", new EventEnvelope("s", "t", DateTimeOffset.UnixEpoch, "application/avro", null), _events, default);
    }
}
