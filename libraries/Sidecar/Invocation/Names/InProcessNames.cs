namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>The sidecars of one process, known to each other. Give one of these to all of them.</summary>
public sealed class InProcessNames : INameResolver
{
    private readonly Lock _lock = new();
    private List<NameRegistration> _known = [];

    public string Name => "in-process";

    public Task<IAsyncDisposable> RegisterAsync(NameRegistration registration, CancellationToken cancellationToken)
    {
        lock (_lock)
            _known = [.. _known, registration];
        return Task.FromResult<IAsyncDisposable>(new Registration(this, registration));
    }

    public ValueTask<IReadOnlyList<string>> FindAsync(string appId, string appNamespace, CancellationToken cancellationToken) =>
        ValueTask.FromResult(NamePreference.Addresses(Volatile.Read(ref _known), appId, appNamespace));

    private sealed class Registration(InProcessNames names, NameRegistration registration) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (names._lock)
                names._known = [.. names._known.Where(other => !ReferenceEquals(other, registration))];
            return ValueTask.CompletedTask;
        }
    }
}
