namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>All consumer groups of the broker, behind one lock.</summary>
internal sealed class Groups(KafkaTestBrokerOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);

    /// <summary>Groups that have members or positions, with what they speak.</summary>
    public IReadOnlyList<(string Name, string Kind)> List() => Locked(() => _groups.Where(IsKnown).Select(entry => (entry.Key, entry.Value.Kind)).ToArray());

    public T With<T>(string name, Func<Group, T> work) => Locked(() => work(Get(name)));

    /// <summary>As <see cref="With"/>, of a group that someone has joined or committed to; otherwise <paramref name="unknown"/>.</summary>
    public T Find<T>(string name, Func<Group, T> work, T unknown) => Locked(() => _groups.TryGetValue(name, out var group) ? work(group) : unknown);

    /// <summary>As <see cref="Find"/>, in the sense in which groups are listed.</summary>
    public T FindKnown<T>(string name, Func<Group, T> work, T unknown) => Find(name, group => IsKnown(new(name, group)) ? work(group) : unknown, unknown);

    public ErrorCode MayCommit(string name, int generation, string member) => Locked(() =>
    {
        if (name.Length == 0)
            return ErrorCode.InvalidGroupId;
        if (!_groups.ContainsKey(name) && generation >= 0)
            return ErrorCode.IllegalGeneration;
        return Get(name).MayCommit(member, generation);
    });

    public void Commit(string name, string topic, int partition, long offset, string? note) => Locked(() => Get(name).Committed[(topic, partition)] = (offset, note));

    public IReadOnlyDictionary<(string Topic, int Partition), (long Offset, string? Note)> Committed(string name) =>
        Find(name, group => new Dictionary<(string, int), (long, string?)>(group.Committed), []);

    public ErrorCode Delete(string name) => Locked(() =>
    {
        if (!_groups.TryGetValue(name, out var group) || !IsKnown(new(name, group)))
            return ErrorCode.GroupIdNotFound;
        if (group.Members.Count > 0)
            return ErrorCode.NonEmptyGroup;
        _groups.Remove(name);
        group.Dispose();
        return ErrorCode.None;
    });

    /// <summary>With a topic go the positions on it.</summary>
    public void Forget(string topic) => Locked(() =>
    {
        foreach (var group in _groups.Values)
        {
            foreach (var place in group.Committed.Keys.Where(place => place.Topic == topic).ToArray())
                group.Committed.Remove(place);
        }

        return true;
    });

    public void Dispose() => Locked(() =>
    {
        foreach (var group in _groups.Values)
            group.Dispose();
        return true;
    });

    private static bool IsKnown(KeyValuePair<string, Group> entry) => entry.Value.Members.Count > 0 || entry.Value.Committed.Count > 0;

    private Group Get(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
            _groups[name] = group = new Group(_gate, options.Time, options.InitialRebalanceDelay);
        return group;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
            return work();
    }
}
