using System.Collections.Concurrent;

namespace RealTimeMesh.Console.Backends;

/// <summary>Questions that a page asks a service: however many browsers show the page, the service is asked once in a while.</summary>
internal sealed class BackendQueries(BackendClient client, TimeProvider time)
{
    private const int Capacity = 1024;

    /// <summary>A fault is told to those who asked with it; who tries again means it.</summary>
    private static readonly TimeSpan s_faultAge = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The answer, not older than <paramref name="age"/>.</summary>
    public Task<Fetched<T>> GetAsync<T>(Uri service, string path, TimeSpan age)
        where T : class => SharedAsync($"{service}{path}", age, () => client.GetAsync<T>(service, path, CancellationToken.None));

    /// <summary>The answer, not older than <paramref name="age"/>.</summary>
    public Task<Fetched<T>> GetAsync<T>(Backend backend, string path, TimeSpan age)
        where T : class => SharedAsync($"{backend.Url}{path}", age, () => client.GetAsync<T>(backend, path, CancellationToken.None));

    /// <summary>What is kept of a service is old: something was changed there.</summary>
    public void Forget(Uri service)
    {
        foreach (var key in _entries.Keys.Where(key => key.StartsWith(service.ToString(), StringComparison.Ordinal)))
            _entries.TryRemove(key, out _);
    }

    /// <summary>Shared by all who ask: no single request may cancel it, its own time limit does.</summary>
    private Task<Fetched<T>> SharedAsync<T>(string key, TimeSpan age, Func<Task<Fetched<T>>> ask)
        where T : class
    {
        var now = time.GetUtcNow();
        if (_entries.TryGetValue(key, out var entry) && entry.Answer is Task<Fetched<T>> known && (!known.IsCompleted || now - entry.AskedAt < (known is { IsCompletedSuccessfully: true, Result.Error: null } ? age : s_faultAge)))
            return known;

        if (_entries.Count >= Capacity)
        {
            foreach (var (old, _) in _entries.Where(pair => pair.Value.AskedAt + pair.Value.Age <= now))
                _entries.TryRemove(old, out _);
        }

        var answer = ask();
        if (_entries.Count < Capacity)
            _entries[key] = new Entry(answer, now, age);
        return answer;
    }

    private sealed record Entry(Task Answer, DateTimeOffset AskedAt, TimeSpan Age);
}
