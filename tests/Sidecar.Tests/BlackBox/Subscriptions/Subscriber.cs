using System.Text;
using System.Threading.Channels;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Subscriptions;

/// <summary>An event as a subscriber of either protocol got it.</summary>
internal sealed record Received
{
    public required string Path { get; init; }

    public string Topic { get; init; } = "";

    public string PubSub { get; init; } = "";

    public string Id { get; init; } = "";

    public string Source { get; init; } = "";

    public string Type { get; init; } = "";

    public string SpecVersion { get; init; } = "";

    public string ContentType { get; init; } = "";

    public byte[] Data { get; init; } = [];

    /// <summary>HTTP headers, or gRPC metadata, in lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string Text => Encoding.UTF8.GetString(Data);
}

/// <summary>What a subscriber answers.</summary>
public enum Reply
{
    Success,
    Retry,
    Drop,

    /// <summary>HTTP 503, gRPC Unknown.</summary>
    Fail,

    /// <summary>HTTP 404, gRPC Unimplemented.</summary>
    Missing,
}

/// <summary>An app that takes events, over HTTP or gRPC.</summary>
internal abstract class Subscriber : IAsyncDisposable
{
    private readonly Channel<Received> _events = Channel.CreateUnbounded<Received>();
    private readonly Channel<IReadOnlyList<Received>> _bulks = Channel.CreateUnbounded<IReadOnlyList<Received>>();
    private int _probes;
    private int _asked;
    private int _configured;

    public abstract int Port { get; }

    public abstract string Protocol { get; }

    /// <summary>What it asks for; null for nothing, answered with 404 or Unimplemented.</summary>
    public IReadOnlyList<Wanted>? Asks { get; init; }

    public Func<Received, Task<Reply>> Answer { get; set; } = _ => Task.FromResult(Reply.Success);

    public volatile bool IsHealthy = true;

    /// <summary>Health probes so far.</summary>
    public int Probes => Volatile.Read(ref _probes);

    /// <summary>How often it was asked for its subscriptions.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How often it was asked for its configuration.</summary>
    public int Configured => Volatile.Read(ref _configured);

    /// <summary>Value of <c>dapr-app-id</c> of the questions.</summary>
    public string? AskedBy { get; protected set; }

    public int Waiting => _events.Reader.Count;

    public int WaitingBulks => _bulks.Reader.Count;

    public static async Task<Subscriber> StartAsync(string protocol, IReadOnlyList<Wanted>? asks = null, bool healthy = true, int port = 0)
    {
        Subscriber subscriber = protocol == "grpc" ? new GrpcSubscriber { Asks = asks, IsHealthy = healthy } : new HttpSubscriber { Asks = asks, IsHealthy = healthy };
        await subscriber.StartAsync(port);
        return subscriber;
    }

    public async Task<Received> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        return await _events.Reader.ReadAsync(limit.Token);
    }

    public async Task<IReadOnlyList<Received>> NextBulkAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        return await _bulks.Reader.ReadAsync(limit.Token);
    }

    public bool TryNext(out Received? received) => _events.Reader.TryRead(out received);

    public abstract ValueTask DisposeAsync();

    public abstract Task StartAsync(int port);

    /// <summary>Ends the server; it may be started again on its port.</summary>
    public abstract Task StopAsync();

    protected void CountProbe() => Interlocked.Increment(ref _probes);

    protected void CountAsked() => Interlocked.Increment(ref _asked);

    protected void CountConfigured() => Interlocked.Increment(ref _configured);

    protected Task<Reply> TakeAsync(Received received)
    {
        var reply = Answer(received);
        _events.Writer.TryWrite(received);
        return reply;
    }

    protected async Task<IReadOnlyList<Reply>> TakeAsync(IReadOnlyList<Received> bulk)
    {
        var replies = new List<Reply>();
        foreach (var received in bulk)
            replies.Add(await Answer(received));
        _bulks.Writer.TryWrite(bulk);
        return replies;
    }
}
