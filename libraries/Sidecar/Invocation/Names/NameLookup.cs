using System.Collections.Concurrent;

namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>Finds an app's sidecar for a call: replicas in turn, remembered for a moment.</summary>
internal sealed class NameLookup(INameResolver resolver, TimeProvider time)
{
    /// <summary>How long an app that is not found is looked for: it may be starting.</summary>
    private const int Attempts = 6;

    private const int MaxRemembered = 4096;

    private static readonly TimeSpan AttemptPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Id, string Namespace), Found> _found = new();

    /// <summary>Throws <see cref="InvokeException"/> where nobody knows the app.</summary>
    public async ValueTask<string> FindAsync(string appId, string appNamespace, CancellationToken cancellationToken)
    {
        var key = (appId, appNamespace);
        if (_found.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < Memory)
            return found.Next();
        for (var attempt = 1; ; attempt++)
        {
            var addresses = await resolver.FindAsync(appId, appNamespace, cancellationToken);
            if (addresses.Count > 0)
            {
                if (_found.Count >= MaxRemembered)
                    _found.Clear();
                found = new Found(addresses, time.GetTimestamp(), found?.Turn ?? 0);
                _found[key] = found;
                return found.Next();
            }

            if (attempt == Attempts)
                throw new InvokeException($"couldn't find service: {appId}");
            await Task.Delay(AttemptPause, time, cancellationToken);
        }
    }

    /// <summary>An address did not answer: the next call asks anew.</summary>
    public void Forget(string appId, string appNamespace, string address)
    {
        if (_found.TryGetValue((appId, appNamespace), out var found) && found.Addresses.Contains(address))
            _found.TryRemove((appId, appNamespace), out _);
    }

    private sealed class Found(IReadOnlyList<string> addresses, long at, uint turn)
    {
        private uint _turn = turn;

        public IReadOnlyList<string> Addresses => addresses;

        public long At => at;

        public uint Turn => _turn;

        public string Next() => addresses[(int)(Interlocked.Increment(ref _turn) % (uint)addresses.Count)];
    }
}
