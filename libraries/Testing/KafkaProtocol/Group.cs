namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>
/// One consumer group of the classic protocol: members join, the leader assigns, all get their part. Whoever comes, leaves or
/// is not heard of begins it anew. Guarded by the lock of <see cref="Groups"/>.
/// </summary>
internal sealed class Group(Lock gate, TimeProvider time, TimeSpan initialDelay) : IDisposable
{
    public const string Empty = "Empty";
    public const string Preparing = "PreparingRebalance";
    public const string Completing = "CompletingRebalance";
    public const string Stable = "Stable";

    private readonly Dictionary<string, GroupMember> _members = new(StringComparer.Ordinal);

    /// <summary>Ids that were given to clients which have not joined with them yet.</summary>
    private readonly HashSet<string> _promised = new(StringComparer.Ordinal);

    private string _leader = "";
    private ITimer? _deadline;

    /// <summary>A group that was empty waits for more than its first member.</summary>
    private bool _waits;

    public string State { get; private set; } = Empty;

    public string Kind { get; private set; } = "";

    public string Protocol { get; private set; } = "";

    public int Generation { get; private set; }

    public IReadOnlyCollection<GroupMember> Members => _members.Values;

    /// <summary>What is committed, with the client's note.</summary>
    public Dictionary<(string Topic, int Partition), (long Offset, string? Note)> Committed { get; } = [];

    public Task<JoinAnswer> Join(string id, Joining joining, bool mustKnowId)
    {
        if (id.Length == 0)
        {
            id = $"{joining.Client}-{Guid.CreateVersion7(time.GetUtcNow())}";
            if (mustKnowId)
            {
                _promised.Add(id);
                return Task.FromResult(JoinAnswer.Refused(ErrorCode.MemberIdRequired, id));
            }

            _promised.Add(id);
        }

        var known = _members.GetValueOrDefault(id);
        if (known is null && !_promised.Contains(id))
            return Task.FromResult(JoinAnswer.Refused(ErrorCode.UnknownMemberId, id));
        if (joining.Protocols.Length == 0 || (_members.Keys.Any(other => other != id) && (joining.Kind != Kind || !joining.Protocols.Any(one => AllKnow(one.Name, id)))))
            return Task.FromResult(JoinAnswer.Refused(ErrorCode.InconsistentGroupProtocol, id));
        // A follower that lost the answer gets it again; anything else begins anew.
        if (known is not null && State is Stable or Completing && id != _leader && SameSubscriptions(known!, joining))
        {
            Touch(known!);
            return Task.FromResult(Answer(known!));
        }

        _promised.Remove(id);
        if (known is null)
            _members[id] = known = new GroupMember(id, joining);
        known.Joining = joining;
        Kind = joining.Kind;
        known.Session?.Dispose();
        known.Session = null;
        known.Join?.TrySetResult(JoinAnswer.Refused(ErrorCode.RebalanceInProgress, id));
        known.Join = new TaskCompletionSource<JoinAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = known.Join.Task;
        Prepare();
        return answer;
    }

    public Task<SyncAnswer> Sync(string id, int generation, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> assignments)
    {
        var error = Check(id, generation);
        if (error != ErrorCode.None)
            return Task.FromResult(new SyncAnswer(error, default));
        var member = _members[id];
        Touch(member);
        if (State == Preparing)
            return Task.FromResult(new SyncAnswer(ErrorCode.RebalanceInProgress, default));
        if (State == Stable)
            return Task.FromResult(new SyncAnswer(ErrorCode.None, member.Assignment));
        member.Sync = new TaskCompletionSource<SyncAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = member.Sync.Task;
        if (id == _leader)
        {
            State = Stable;
            foreach (var other in _members.Values)
            {
                other.Assignment = assignments.GetValueOrDefault(other.Id);
                other.Sync?.TrySetResult(new SyncAnswer(ErrorCode.None, other.Assignment));
                other.Sync = null;
            }
        }

        return answer;
    }

    public ErrorCode Heartbeat(string id, int generation)
    {
        var error = Check(id, generation);
        if (error != ErrorCode.None)
            return error;
        Touch(_members[id]);
        return State == Preparing ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    public ErrorCode Leave(string id)
    {
        if (_promised.Remove(id))
            return ErrorCode.None;
        if (!_members.ContainsKey(id))
            return ErrorCode.UnknownMemberId;
        Remove(id);
        return ErrorCode.None;
    }

    /// <summary>Members commit in their generation; tools commit for groups that nobody is in.</summary>
    public ErrorCode MayCommit(string id, int generation)
    {
        if (generation < 0 && id.Length == 0 && _members.Count == 0)
            return ErrorCode.None;
        var error = Check(id, generation);
        if (error != ErrorCode.None)
            return error;
        Touch(_members[id]);
        return State == Completing ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    public void Dispose()
    {
        _deadline?.Dispose();
        foreach (var member in _members.Values)
            member.Session?.Dispose();
    }

    private ErrorCode Check(string id, int generation) =>
        !_members.ContainsKey(id) ? ErrorCode.UnknownMemberId : generation != Generation ? ErrorCode.IllegalGeneration : ErrorCode.None;

    private bool AllKnow(string protocol, string except) =>
        _members.Values.Where(member => member.Id != except).All(member => member.Joining.Protocols.Any(one => one.Name == protocol));

    private static bool SameSubscriptions(GroupMember member, Joining joining) =>
        member.Joining.Protocols.Length == joining.Protocols.Length
        && member.Joining.Protocols.Zip(joining.Protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Subscription.Span.SequenceEqual(pair.Second.Subscription.Span));

    private void Touch(GroupMember member)
    {
        member.Session?.Dispose();
        member.Session = time.CreateTimer(_ => Expire(member), null, member.Joining.Session, Timeout.InfiniteTimeSpan);
    }

    private void Expire(GroupMember member)
    {
        lock (gate)
        {
            if (_members.GetValueOrDefault(member.Id) == member && member.Join is null)
                Remove(member.Id);
        }
    }

    private void Remove(string id)
    {
        _members.Remove(id, out var member);
        member!.Session?.Dispose();
        member.Join?.TrySetResult(JoinAnswer.Refused(ErrorCode.UnknownMemberId, id));
        member.Sync?.TrySetResult(new SyncAnswer(ErrorCode.UnknownMemberId, default));
        if (_leader == id)
            _leader = "";
        if (_members.Count > 0)
        {
            Prepare();
            return;
        }

        _deadline?.Dispose();
        (State, Protocol, _waits) = (Empty, "", false);
        Generation++;
    }

    /// <summary>Begins a rebalance, or looks whether all have come.</summary>
    private void Prepare()
    {
        if (State != Preparing)
        {
            foreach (var member in _members.Values)
            {
                member.Sync?.TrySetResult(new SyncAnswer(ErrorCode.RebalanceInProgress, default));
                member.Sync = null;
            }

            _waits = State == Empty;
            State = Preparing;
            var patience = _waits ? initialDelay : _members.Values.Max(member => member.Joining.Rebalance);
            _deadline?.Dispose();
            _deadline = time.CreateTimer(_ => EndWait(), null, patience, Timeout.InfiniteTimeSpan);
        }

        if (!_waits && _members.Values.All(member => member.Join is not null))
            Complete();
    }

    /// <summary>Who has not come again by now is out.</summary>
    private void EndWait()
    {
        lock (gate)
        {
            if (State != Preparing)
                return;
            _waits = false;
            foreach (var member in _members.Values.Where(member => member.Join is null).ToArray())
            {
                _members.Remove(member.Id);
                member.Session?.Dispose();
            }

            if (_members.Count > 0)
                Complete();
            else
                (State, Protocol) = (Empty, "");
        }
    }

    private void Complete()
    {
        _deadline?.Dispose();
        Generation++;
        if (!_members.ContainsKey(_leader))
            _leader = _members.Keys.First();
        Protocol = _members[_leader].Joining.Protocols.First(one => AllKnow(one.Name, _leader)).Name;
        State = Completing;
        foreach (var member in _members.Values)
        {
            Touch(member);
            member.Join!.TrySetResult(Answer(member));
            member.Join = null;
        }
    }

    private JoinAnswer Answer(GroupMember member) => new(
        ErrorCode.None, Generation, Protocol, _leader, member.Id, member.Id == _leader ? [.. _members.Values.Select(one => (one.Id, one.Subscription(Protocol)))] : []);
}
