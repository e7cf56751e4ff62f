using System.Buffers.Binary;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Aggregates by key in sessions: rows of one key that follow each other within less than a gap. A session ends a gap
/// after its last row; a row between two sessions makes them one. As in Flink, a row is late where the session it would
/// be part of is over, its allowed lateness included. A result that was given and is no longer true is taken back by
/// <see cref="TakenBack"/> before the new one.
/// </summary>
internal sealed class SessionAggregate : Operator
{
    private const byte Put = 1;
    private const byte Removed = 2;

    private readonly long _gap;
    private readonly long _lateness;
    private readonly KeyBatch _keys;
    private readonly KeyTable _known = new();
    private readonly AggregateTable _groups;
    private readonly PriorityQueue<Session, long> _timers = new();
    private readonly ResultRows _results;
    private readonly ResultRows _takenBack;
    private readonly List<byte[]> _removed = [];
    private readonly List<Session> _touching = [];
    private List<Session>?[] _sessions = [];
    private Session?[] _byGroup = [];
    private byte[] _name = new byte[128];
    private long _watermark = DataBatch.NoTime;

    public SessionAggregate(RowSchema input, long gap, long lateness, IReadOnlyList<string> by, IReadOnlyList<(string Name, Aggregator Aggregator)> aggregates)
        : base(ResultRows.SchemaOf(input, by, aggregates))
    {
        (_gap, _lateness) = (gap, lateness);
        _keys = new KeyBatch(input, by);
        _groups = new AggregateTable(new AggregateSet([.. aggregates.Select(aggregate => aggregate.Aggregator)]));
        _results = new ResultRows(Output, by.Count);
        _takenBack = new ResultRows(Output, by.Count);
    }

    /// <summary>Takes results that no longer hold; their aggregates are of no meaning.</summary>
    public Action<DataBatch>? TakenBack { get; set; }

    public override long StateBytes => _known.Bytes + _groups.Bytes + (96L * _groups.Count);

    public override HeldWindow? FirstOpen
    {
        get
        {
            var first = _byGroup.Where(session => session is { IsGiven: false, IsGone: false }).MinBy(session => session!.Last);
            return first is null ? null : new HeldWindow(first.Start, first.Last + _gap, _watermark);
        }
    }

    public override void Process(int port, DataBatch batch)
    {
        _keys.Read(batch.Rows);
        for (var row = 0; row < batch.Count; row++)
        {
            if (batch.Marks[row] > _watermark)
                Close(batch.Marks[row]);
            Add(batch, row);
        }
    }

    public override void Advance(int port, long watermark)
    {
        if (watermark > _watermark)
            Close(watermark);
        Forward(watermark);
    }

    public override void Resume(long watermark)
    {
        _watermark = watermark;
        _timers.Clear();
        foreach (var session in _byGroup)
        {
            if (session is not null)
                _timers.Enqueue(session, session.Last + _gap + (session.IsGiven ? _lateness : 0));
        }
    }

    public override void WriteChanges(ChangeWriter changes)
    {
        foreach (var name in _removed)
        {
            var blob = changes.Begin();
            blob.Byte(Removed);
            blob.Unsigned((ulong)name.Length);
            blob.Bytes(name);
            changes.End();
        }

        _removed.Clear();
        foreach (var group in _groups.Dirty)
        {
            if (_groups.IsUsed(group) && _byGroup[group] is { } session)
                Write(changes, session);
        }

        _groups.Clean();
    }

    public override IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        for (var group = 0; group < _groups.SlotEnd; group++)
        {
            if (!_groups.IsUsed(group) || _byGroup[group] is not { } session)
                continue;
            Write(changes, session);
            yield return true;
        }
    }

    public override void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        var name = change.Take(change.Count());
        var key = name[8..];
        if (kind == Removed)
        {
            var slot = _known.Find(key, KeyHash.Of(key));
            var start = BinaryPrimitives.ReadInt64LittleEndian(name);
            if (slot >= 0 && _sessions[slot]?.Find(session => session.Start == start) is { } gone)
                Remove(gone);
        }
        else if (kind == Put)
        {
            var session = Find(key, KeyHash.Of(key), BinaryPrimitives.ReadInt64LittleEndian(name));
            session.Last = change.Signed();
            session.IsGiven = change.Byte() != 0;
            _groups.Load(ref change, session.Group);
        }
        else
        {
            throw new StreamingException($"stored state: found a change of kind {kind}; expected 1 or 2; the state was written by something else or is damaged.");
        }

        _groups.Clean();
        _removed.Clear();
    }

    private void Add(DataBatch batch, int row)
    {
        var time = batch.Times[row];
        var key = _keys[row];
        var slot = _known.Find(key, _keys.HashOf(row));
        long start = time, last = time;
        _touching.Clear();
        if (slot >= 0)
        {
            foreach (var session in _sessions[slot]!)
            {
                if (time >= session.Last + _gap || session.Start >= time + _gap)
                    continue;
                _touching.Add(session);
                (start, last) = (Math.Min(start, session.Start), Math.Max(last, session.Last));
            }
        }

        if (_watermark != DataBatch.NoTime && last + _gap + _lateness <= _watermark)
        {
            DropLate(batch, row);
            return;
        }

        var whole = Join(key, _keys.HashOf(row), start, last);
        _groups.Add(whole.Group, batch, row);
        // A row of a session that is over gives its result anew at once.
        if (_watermark != DataBatch.NoTime && last + _gap <= _watermark)
            Give(whole);
    }

    /// <summary>The session of the sessions that a row touches; where they are several, or begin later, a new one.</summary>
    private Session Join(ReadOnlySpan<byte> key, uint hash, long start, long last)
    {
        foreach (var session in _touching)
        {
            if (session.IsGiven && (session.Start != start || session.Last != last))
                TakeBack(session);
        }

        var whole = _touching.Find(session => session.Start == start) ?? Find(key, hash, start);
        _groups.Touch(NameOf(key, start), KeyHash.Of(NameOf(key, start)));
        foreach (var session in _touching)
        {
            if (session == whole)
                continue;
            _groups.Merge(whole.Group, session.Group);
            Remove(session);
        }

        whole.Last = last;
        if (whole.IsGiven || !_touching.Contains(whole))
            _timers.Enqueue(whole, last + _gap);
        whole.IsGiven = false;
        return whole;
    }

    /// <summary>The session of a key and a start; made where there is none.</summary>
    private Session Find(ReadOnlySpan<byte> key, uint hash, long start)
    {
        var slot = _known.FindOrAdd(key, hash, out _);
        if (slot >= _sessions.Length)
            Array.Resize(ref _sessions, Math.Max(16, slot * 2));
        var sessions = _sessions[slot] ??= new List<Session>(1);
        if (sessions.Find(session => session.Start == start) is { } known)
            return known;
        var name = NameOf(key, start);
        var found = new Session(slot, start, start, _groups.Touch(name, KeyHash.Of(name)));
        sessions.Add(found);
        if (found.Group >= _byGroup.Length)
            Array.Resize(ref _byGroup, Math.Max(16, found.Group * 2));
        _byGroup[found.Group] = found;
        return found;
    }

    private void Remove(Session session)
    {
        _removed.Add(_groups.KeyOf(session.Group).ToArray());
        _groups.Remove(session.Group);
        _byGroup[session.Group] = null;
        session.IsGone = true;
        var others = _sessions[session.Key]!;
        others.Remove(session);
        if (others.Count > 0)
            return;
        _sessions[session.Key] = null;
        _known.Remove(session.Key);
    }

    /// <summary>Gives the results of sessions that are over and forgets those whose lateness is over too, in the order of their times.</summary>
    private void Close(long watermark)
    {
        while (_timers.TryPeek(out var session, out var due) && due <= watermark)
        {
            _timers.Dequeue();
            if (session.IsGone)
                continue;
            _watermark = Math.Max(_watermark, due);
            var end = session.Last + _gap;
            if (!session.IsGiven && end > due)
            {
                _timers.Enqueue(session, end);
                continue;
            }

            if (!session.IsGiven)
                Give(session);
            if (end + _lateness <= due)
                Remove(session);
            else if (due < end + _lateness)
                _timers.Enqueue(session, end + _lateness);
        }

        _watermark = watermark;
    }

    private void Give(Session session)
    {
        _results.Begin();
        AddTo(_results, session);
        if (!session.IsGiven)
        {
            session.IsGiven = true;
            var name = _groups.KeyOf(session.Group);
            _groups.Touch(name, KeyHash.Of(name));
        }

        Emit(_results.Rows);
    }

    private void TakeBack(Session session)
    {
        if (TakenBack is null)
            return;
        _takenBack.Begin();
        AddTo(_takenBack, session);
        TakenBack(_takenBack.Rows);
    }

    private void AddTo(ResultRows rows, Session session) => rows.Add(_groups, session.Group, _known.KeyOf(session.Key), session.Start, session.Last + _gap, _watermark);

    private void Write(ChangeWriter changes, Session session)
    {
        var blob = changes.Begin();
        blob.Byte(Put);
        var name = _groups.KeyOf(session.Group);
        blob.Unsigned((ulong)name.Length);
        blob.Bytes(name);
        blob.Signed(session.Last);
        blob.Byte(session.IsGiven ? (byte)1 : (byte)0);
        _groups.Save(blob, session.Group);
        changes.End();
    }

    private ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> key, long start)
    {
        if (_name.Length < key.Length + 8)
            _name = new byte[(key.Length + 8) * 2];
        BinaryPrimitives.WriteInt64LittleEndian(_name, start);
        key.CopyTo(_name.AsSpan(8));
        return _name.AsSpan(0, key.Length + 8);
    }
}
