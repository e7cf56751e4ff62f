namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>The breakers of one app by endpoint; the least recently used one makes room for a new one.</summary>
internal sealed class BreakerCache(int capacity)
{
    public const int DefaultCapacity = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<CircuitBreaker>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<CircuitBreaker> _recent = new();

    public CircuitBreaker GetOrAdd<TState>(string name, TState state, Func<string, TState, CircuitBreaker> create)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value;
            }

            if (_byName.Count >= capacity)
            {
                _byName.Remove(_recent.Last!.Value.Name);
                _recent.RemoveLast();
            }

            var breaker = create(name, state);
            _byName[name] = _recent.AddFirst(breaker);
            return breaker;
        }
    }
}
