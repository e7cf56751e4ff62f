using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

/// <summary>What a test's broker component does. Without further settings it takes every message and delivers what the test puts into <see cref="Deliveries"/>.</summary>
public sealed class TestPubSub
{
    /// <summary>Names that <c>Features</c> answers.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Takes a published message; throws to refuse it.</summary>
    public Func<PublishRequest, CancellationToken, Task> OnPublish { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Takes a bulk of messages. Default: each through <see cref="OnPublish"/>.</summary>
    public Func<BulkPublishRequest, CancellationToken, Task<BulkPublishResponse>>? OnBulkPublish { get; init; }

    /// <summary>Serves a subscription. Default: sends <see cref="Deliveries"/> and keeps what comes back in <see cref="Acknowledgements"/>.</summary>
    public Func<Topic, IAsyncStreamReader<PullMessagesRequest>, IServerStreamWriter<PullMessagesResponse>, CancellationToken, Task>? OnPull { get; init; }

    /// <summary>Answers Pause and Resume; false: Unimplemented, as most components.</summary>
    public bool Pausable { get; init; }

    /// <summary>What Init waits for.</summary>
    public Func<CancellationToken, Task> OnInit { get; init; } = _ => Task.CompletedTask;

    /// <summary>Refuses Init with this error where set.</summary>
    public RpcException? InitError { get; init; }

    /// <summary>Messages to deliver to whichever stream is free.</summary>
    public Channel<PullMessagesResponse> Deliveries { get; } = Channel.CreateUnbounded<PullMessagesResponse>();

    /// <summary>Acknowledgements and refusals, in the order they came.</summary>
    public Channel<PullMessagesRequest> Acknowledgements { get; } = Channel.CreateUnbounded<PullMessagesRequest>();

    /// <summary>Messages that were published singly.</summary>
    public ConcurrentQueue<PublishRequest> Published { get; } = new();

    /// <summary>Bulks that were published.</summary>
    public ConcurrentQueue<BulkPublishRequest> PublishedBulks { get; } = new();

    /// <summary>Topics of the streams that were opened.</summary>
    public ConcurrentQueue<Topic> Subscriptions { get; } = new();

    /// <summary>Settings of each Init.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Initialized { get; } = new();

    public int PauseCalls => _pauseCalls;

    public bool IsPaused { get; private set; }

    private int _pauseCalls;

    /// <summary>Delivers a message to a subscription.</summary>
    public void Deliver(PullMessagesResponse message) => Deliveries.Writer.TryWrite(message);

    internal void Pause(bool paused)
    {
        if (paused)
            Interlocked.Increment(ref _pauseCalls);
        if (!Pausable)
            throw new RpcException(new Status(StatusCode.Unimplemented, "pause not implemented"));
        IsPaused = paused;
    }
}
