namespace RealTimeMesh.Streaming.Tests;

/// <summary>A store whose commits fail at random, before or after they took effect, as when a connection breaks.</summary>
internal sealed class FlakyState(IStreamState inner, Random random, double rate) : IStreamState
{
    public int Failures { get; private set; }

    public Task<IReadOnlyList<StoredState?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public async Task<StateCommit> CommitAsync(IReadOnlyList<StateChange> changes, CancellationToken cancellationToken)
    {
        var fails = random.NextDouble() < rate;
        if (fails && random.Next(2) == 0)
            throw Fault("before");
        var result = await inner.CommitAsync(changes, cancellationToken);
        return fails ? throw Fault("after") : result;
    }

    private IOException Fault(string when)
    {
        Failures++;
        return new IOException($"connection lost {when} the commit");
    }
}
