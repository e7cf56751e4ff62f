using StackExchange.Redis;

namespace RealTimeMesh.Redis.Streams;

/// <summary>The two connections of a subscription.</summary>
/// <param name="Shared">For commands that answer at once; the broker's.</param>
/// <param name="Reader">For blocking reads; the subscription's own.</param>
internal sealed record StreamServer(ConnectionMultiplexer Shared, ConnectionMultiplexer Reader)
{
    public IDatabase Database { get; } = Shared.GetDatabase();

    public IDatabase Blocking { get; } = Reader.GetDatabase();
}
