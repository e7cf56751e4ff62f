using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Tests;

/// <summary>A broker whose publishes fail as told, or swallow messages.</summary>
internal sealed class RefusingBroker : IPubSubBroker
{
    public PubSubCapabilities Capabilities { get; } = new() { Offsets = true };

    public Exception? Fault { get; set; }

    /// <summary>Places of messages that fail alone.</summary>
    public IReadOnlyList<int> FailingPlaces { get; set; } = [];

    /// <summary>Why they fail; their place is told by default.</summary>
    public Func<int, Exception> FaultOf { get; set; } = place => new IOException("place " + place);

    public long Published { get; private set; }

    public Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (Fault is not null)
            throw Fault;
        Published += messages.Count;
        return Task.FromResult(FailingPlaces.Count == 0 ? PublishResult.Success : new PublishResult([.. FailingPlaces.Select(place => new PublishFailure(place, FaultOf(place)))]));
    }

    public Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
