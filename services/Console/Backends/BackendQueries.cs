using System.Collections.Concurrent;

namespace RealTimeMesh.Console.Backends;

/// <summary>Questions that a page asks a service: however many browsers show the page, the service is asked once in a while.</summary>
internal sealed class BackendQueries(BackendClient client, TimeProvider time)
{
    private const int Capacity = 256;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The answer, not older than <paramref name="age"/>.</summary>
    public Task<Fetched<T>> GetAsync<T>(Uri service, string path, TimeSpan age)
        where T : class
    {
        var key = $"{service}{path}";
        var now = time.GetUtcNow();
        if (_entries.TryGetValue(key, out var entry) && (entry.Expires > now || !entry.Answer.IsCompleted))
            return (Task<Fetched<T>>)entry.Answer;

        if (_entries.Count >= Capacity)
        {
            foreach (var (old, _) in _entries.Where(pair => pair.Value.Expires <= now))
                _entries.TryRemove(old, out _);
        }

        // Shared by all who ask: no single request may cancel it, its own time limit does.
        var answer = client.GetAsync<T>(service, path, CancellationToken.None);
        if (_entries.Count < Capacity)
            _entries[key] = new Entry(answer, now + age);
        return answer;
    }

    private sealed record Entry(Task Answer, DateTimeOffset Expires);
}
