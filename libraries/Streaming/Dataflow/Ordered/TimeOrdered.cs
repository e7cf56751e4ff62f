using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// A step that takes the rows of its inputs in the order of their times, whatever the order they came in: rows wait until
/// event time has passed them, and what leaves is in order too. A row that comes after event time has passed it is late.
/// </summary>
internal abstract class TimeOrdered : Operator
{
    /// <summary>Kinds of changes from here on are those of the steps.</summary>
    protected const byte FirstOwn = 16;

    private const byte Rows = 1;
    private const byte Passed = 2;

    private readonly OrderedInput[] _inputs;
    private readonly WaitingRows[] _waiting;
    private readonly DataBatch[] _due;
    private readonly KeyBatch[] _keys;
    private readonly KeyBatch[] _lateKeys;
    private readonly int[][] _keyColumns;
    private readonly long[] _watermarks;
    private readonly bool _isShared;
    private readonly bool _byPlace;
    private int[] _accepted = [];
    private long _passed = DataBatch.NoTime;
    private long _loggedPassed = DataBatch.NoTime;
    private long _forwarded = DataBatch.NoTime;
    private long _place;

    /// <param name="output">What leaves.</param>
    /// <param name="inputs">What comes in.</param>
    /// <param name="isShared">All inputs are selections of one topic: event time is the same in them, and of two events of one time the earlier one is the first.</param>
    protected TimeOrdered(RowSchema output, IReadOnlyList<OrderedInput> inputs, bool isShared = false)
        : base(output)
    {
        _inputs = [.. inputs];
        _waiting = [.. inputs.Select(input => new WaitingRows(input.Schema, input.HasPlaces))];
        _due = [.. inputs.Select(input => new DataBatch(input.Schema))];
        _keys = [.. inputs.Select(input => new KeyBatch(input.Schema, input.By))];
        _lateKeys = [.. inputs.Select(input => new KeyBatch(input.Schema, input.By))];
        _keyColumns = [.. inputs.Select(input => input.By.Select(input.Schema.IndexOf).ToArray())];
        _watermarks = [.. inputs.Select(_ => DataBatch.NoTime)];
        _isShared = isShared || inputs.Count == 1;
        _byPlace = _isShared && inputs.All(input => input.HasPlaces);
        Results = new DataBatch(output);
    }

    public override long StateBytes => _waiting.Sum(rows => rows.Bytes) + OwnBytes;

    /// <summary>How far event time has come for the step.</summary>
    protected long Watermark => _passed;

    /// <summary>Rows that leave when all that are due are taken; by <see cref="Complete"/>.</summary>
    protected DataBatch Results { get; }

    protected bool IsOfOneTopic => _isShared;

    /// <summary>Of rows of one time, those of this input come first.</summary>
    protected virtual int FirstPort => 0;

    protected abstract long OwnBytes { get; }

    public sealed override void Process(int port, DataBatch batch)
    {
        var others = long.MaxValue;
        for (var other = 0; other < _watermarks.Length && !_isShared; other++)
        {
            if (other != port)
                others = Math.Min(others, _watermarks[other]);
        }

        if (_accepted.Length < batch.Count)
            _accepted = new int[batch.Count * 2];
        var count = 0;
        var hasLateKeys = false;
        for (var row = 0; row < batch.Count; row++)
        {
            // Row by row, so that what is late does not depend on the batch's bounds.
            var mark = Math.Min(batch.Marks[row], others);
            if (mark == DataBatch.NoTime || batch.Times[row] >= mark)
            {
                _accepted[count++] = row;
                continue;
            }

            if (TakesLate(port))
            {
                _waiting[port].Add(batch, _accepted.AsSpan(0, count));
                count = 0;
                Release(mark);
                if (!hasLateKeys)
                    _lateKeys[port].Read(batch.Rows);
                hasLateKeys = true;
                if (TakeLate(port, batch, row, _lateKeys[port][row], _lateKeys[port].HashOf(row)))
                    continue;
            }

            DropLate(batch, row);
        }

        _waiting[port].Add(batch, _accepted.AsSpan(0, count));
    }

    public sealed override void Advance(int port, long watermark)
    {
        _watermarks[port] = Math.Max(_watermarks[port], watermark);
        var least = _watermarks.Min();
        if (least == DataBatch.NoTime)
            return;
        Release(least);
        if (least <= _forwarded)
            return;
        _forwarded = least;
        Forward(least);
    }

    public sealed override void Resume(long watermark)
    {
        Array.Fill(_watermarks, watermark);
        Restore();
    }

    public sealed override void Resume(int port, long watermark)
    {
        _watermarks[port] = watermark;
        var least = Restore();
        if (least != DataBatch.NoTime)
            ResumeNext(least);
    }

    public sealed override void WriteChanges(ChangeWriter changes)
    {
        WritePassed(changes);
        for (var port = 0; port < _waiting.Length; port++)
            _waiting[port].WriteChanges(changes, Rows, port);
        WriteOwnChanges(changes);
    }

    public sealed override IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        for (var port = 0; port < _waiting.Length; port++)
        {
            foreach (var piece in _waiting[port].WriteAll(changes, Rows, port))
                yield return piece;
        }

        foreach (var piece in WriteOwnAll(changes))
            yield return piece;
        _loggedPassed = DataBatch.NoTime;
        WritePassed(changes);
    }

    public sealed override void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        switch (kind)
        {
            case Rows:
                var port = change.Byte();
                if (port >= _waiting.Length)
                    throw new StreamingException($"stored state: found rows of input {port}; expected fewer than {_waiting.Length}; the state was written by another definition or is damaged.");
                _waiting[port].Apply(ref change);
                break;
            case Passed:
                _passed = Math.Max(_passed, change.Signed());
                _place = Math.Max(_place, change.Signed());
                _loggedPassed = _passed;
                break;
            case >= FirstOwn:
                ApplyOwn(kind, ref change);
                break;
            default:
                throw new StreamingException($"stored state: found a change of kind {kind}; expected {Rows}, {Passed} or {FirstOwn} and more; the state was written by something else or is damaged.");
        }
    }

    /// <summary>Takes the next row.</summary>
    protected abstract void Take(int port, DataBatch rows, int row, ReadOnlySpan<byte> key, uint hash);

    /// <summary>Takes rows of one input that follow each other.</summary>
    protected virtual void TakeAll(int port, DataBatch rows, KeyBatch keys)
    {
        for (var row = 0; row < rows.Count; row++)
            Take(port, rows, row, keys[row], keys.HashOf(row));
    }

    /// <summary>All rows of earlier times are taken.</summary>
    protected abstract void PassTo(long watermark);

    protected virtual bool TakesLate(int port) => false;

    /// <summary>Takes a row that event time has passed, all rows before it being taken. False where it can change nothing any more.</summary>
    protected virtual bool TakeLate(int port, DataBatch batch, int row, ReadOnlySpan<byte> key, uint hash) => false;

    /// <summary>After a restart: nothing before <see cref="Watermark"/> comes any more.</summary>
    protected abstract void Restored();

    protected abstract void WriteOwnChanges(ChangeWriter changes);

    protected abstract IEnumerable<bool> WriteOwnAll(ChangeWriter changes);

    protected abstract void ApplyOwn(byte kind, ref BlobReader change);

    /// <summary>True where no field of the key is NULL.</summary>
    protected bool HasKey(int port, DataBatch rows, int row)
    {
        foreach (var column in _keyColumns[port])
        {
            if (rows.Rows.Columns[column].IsNull(row))
                return false;
        }

        return true;
    }

    /// <summary>Completes the row that was just appended to <see cref="Results"/>. Rows leave in the order of time: none earlier comes after it.</summary>
    protected void Complete(long time) => Results.Complete(time, time, _place++);

    /// <summary>As <see cref="Complete"/>, of rows that were appended together and are those of another batch by their numbers there.</summary>
    protected void CompleteFrom(DataBatch source, ReadOnlySpan<int> rows)
    {
        Results.CompleteInOrder(source, rows);
        _place += rows.Length;
    }

    protected static StreamingException Unknown(byte kind) =>
        new($"stored state: found a change of kind {kind}, which the step does not write; expected the plan that wrote it; the state was written by something else or is damaged.");

    private void Release(long until)
    {
        if (until <= _passed)
            return;
        for (var port = 0; port < _waiting.Length; port++)
        {
            _waiting[port].Take(until, _due[port]);
            _keys[port].Read(_due[port].Rows);
        }

        Results.Clear();
        if (_due.Length == 1)
            TakeAll(0, _due[0], _keys[0]);
        else
            TakeBoth();
        PassTo(until);
        _passed = until;
        Emit(Results);
    }

    private void TakeBoth()
    {
        Span<int> at = [0, 0];
        while (at[0] < _due[0].Count || at[1] < _due[1].Count)
        {
            var port = Next(at);
            var row = at[port]++;
            Take(port, _due[port], row, _keys[port][row], _keys[port].HashOf(row));
        }
    }

    private int Next(ReadOnlySpan<int> at)
    {
        if (at[0] == _due[0].Count)
            return 1;
        if (at[1] == _due[1].Count)
            return 0;
        var order = _due[0].Times[at[0]].CompareTo(_due[1].Times[at[1]]);
        if (order == 0 && _byPlace)
            order = _due[0].Places[at[0]].CompareTo(_due[1].Places[at[1]]);
        return order < 0 ? 0 : order > 0 ? 1 : FirstPort;
    }

    private long Restore()
    {
        foreach (var rows in _waiting)
            rows.Drop(_passed);
        var least = _watermarks.Min();
        _forwarded = Math.Max(_forwarded, least);
        Restored();
        return least;
    }

    private void WritePassed(ChangeWriter changes)
    {
        if (_passed == _loggedPassed)
            return;
        _loggedPassed = _passed;
        var blob = changes.Begin();
        blob.Byte(Passed);
        blob.Signed(_passed);
        blob.Signed(_place);
        changes.End();
    }
}
