using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Pairs of rows of two inputs with equal keys, the right one's time at most <c>before</c> earlier and <c>after</c> later
/// than the left one's. A pair comes when its second row does, with the later time of the two; a row without a partner
/// (outer joins) when event time says that none can come. What leaves is delayed by that much, and so is the watermark.
/// </summary>
internal sealed class IntervalJoin : Operator
{
    private const byte Rows = 1;
    private const byte Matched = 2;
    private const byte Dropped = 3;
    private const int PieceRows = 2048;

    private readonly JoinSide[] _sides;
    private readonly long[] _reach;
    private readonly long[] _watermarks = [DataBatch.NoTime, DataBatch.NoTime];
    private readonly JoinKind _kind;
    private readonly long _lateness;
    private readonly long _delay;
    private readonly BoundExpression? _where;
    private readonly DataBatch _output;
    private long _place;
    private long _forwarded = DataBatch.NoTime;

    /// <param name="left">Left rows and key fields.</param>
    /// <param name="right">Right rows and key fields.</param>
    /// <param name="before">How much earlier the right row may be, microseconds; may be negative.</param>
    /// <param name="after">How much later.</param>
    /// <param name="kind">Inner or outer.</param>
    /// <param name="lateness">How much later than the watermark a row may come.</param>
    /// <param name="output">The left columns, then the right ones.</param>
    /// <param name="where">A further condition on a pair, over <paramref name="output"/>.</param>
    public IntervalJoin((RowSchema Schema, IReadOnlyList<string> By) left, (RowSchema Schema, IReadOnlyList<string> By) right, long before, long after, JoinKind kind, long lateness, RowSchema output, BoundExpression? where = null)
        : base(output)
    {
        if (before + after < 0)
            throw new StreamingException($"join: found a range from {-before} to {after} µs; expected its lower end first; correct 'within'.");
        var width = Math.Max(1_000, (before + after) / 4);
        _sides = [new JoinSide(left.Schema, left.By, width), new JoinSide(right.Schema, right.By, width)];
        // How much later than a row of a side its partners may be.
        _reach = [after, before];
        (_kind, _lateness, _where) = (kind, lateness, where);
        _delay = lateness + (kind == JoinKind.Inner ? 0 : Math.Max(0, Math.Max(before, after)) + width);
        _output = new DataBatch(output);
    }

    public override long StateBytes => _sides[0].Bytes + _sides[1].Bytes;

    /// <summary>Of outer joins: the oldest rows that may still find a partner.</summary>
    public override HeldWindow? FirstOpen
    {
        get
        {
            HeldWindow? first = null;
            for (var port = 0; port < 2; port++)
            {
                if ((_kind & (port == 0 ? JoinKind.Left : JoinKind.Right)) == 0 || _sides[port].FirstEnd is not { } end)
                    continue;
                var closes = end + _lateness + Math.Max(0, _reach[port]);
                if (first is null || closes < first.Value.End)
                    first = new HeldWindow(end - _sides[port].Width, closes, Math.Min(_watermarks[0], _watermarks[1]));
            }

            return first;
        }
    }

    public override void Process(int port, DataBatch batch)
    {
        var (side, other) = (_sides[port], _sides[1 - port]);
        side.Keys.Read(batch.Rows);
        _output.Clear();
        for (var row = 0; row < batch.Count; row++)
        {
            // Row by row, so that what is late does not depend on the batch's bounds.
            var mark = Math.Min(batch.Marks[row], _watermarks[1 - port]);
            if (mark != DataBatch.NoTime && batch.Times[row] < mark - _lateness)
            {
                DropLate(batch, row);
                continue;
            }

            var hasKey = side.HasKey(batch.Rows, row);
            var (bucket, kept) = side.Keep(batch, row, hasKey);
            if (hasKey)
                Pair(port, bucket, kept, other);
        }

        Emit(_output);
    }

    public override void Advance(int port, long watermark)
    {
        _watermarks[port] = Math.Max(_watermarks[port], watermark);
        var both = Math.Min(_watermarks[0], _watermarks[1]);
        if (both == DataBatch.NoTime)
            return;
        Expire(both);
        var forward = both - _delay;
        if (forward <= _forwarded)
            return;
        _forwarded = forward;
        Forward(forward);
    }

    public override void Resume(int port, long watermark)
    {
        _watermarks[port] = watermark;
        var both = Math.Min(_watermarks[0], _watermarks[1]);
        if (both == DataBatch.NoTime)
            return;
        _forwarded = both - _delay;
        ResumeNext(_forwarded);
    }

    public override void WriteChanges(ChangeWriter changes)
    {
        for (var port = 0; port < 2; port++)
        {
            var side = _sides[port];
            foreach (var number in side.Dropped)
            {
                Begin(changes, Dropped, port, number);
                changes.End();
            }

            side.Dropped.Clear();
            foreach (var (number, bucket) in side.Buckets)
            {
                if (bucket.Logged < bucket.Rows.Count)
                    WriteRows(changes, port, number, bucket, bucket.Logged, bucket.Rows.Count);
                if (bucket.NewlyMatched.Count > 0)
                    WriteMatched(changes, port, number, bucket);
                bucket.Logged = bucket.Rows.Count;
            }
        }
    }

    public override IEnumerable<bool> WriteAll(ChangeWriter changes)
    {
        for (var port = 0; port < 2; port++)
        {
            foreach (var number in _sides[port].Buckets.Keys.ToArray())
            {
                for (var from = 0; _sides[port].Find(number) is { } bucket && from < bucket.Logged; from += PieceRows)
                {
                    WriteRows(changes, port, number, bucket, from, Math.Min(bucket.Logged, from + PieceRows));
                    yield return true;
                }
            }
        }
    }

    public override void Apply(ref BlobReader change)
    {
        var kind = change.Byte();
        var side = _sides[change.Byte() == 0 ? 0 : 1];
        var number = change.Signed();
        switch (kind)
        {
            case Dropped:
                side.Remove(number);
                break;
            case Matched:
                var found = side.Get(number);
                for (var count = change.Unsigned(); count > 0; count--)
                    found.Match((int)change.Unsigned());
                found.NewlyMatched.Clear();
                break;
            case Rows:
                ReadRows(ref change, side, side.Get(number));
                break;
            default:
                throw new StreamingException($"stored state: found a change of kind {kind}; expected 1 to 3; the state was written by something else or is damaged.");
        }
    }

    private void Pair(int port, JoinBucket bucket, int row, JoinSide other)
    {
        var time = bucket.Rows.Times[row];
        // A left row's partners lie from time - before to time + after; a right row's the other way round.
        long first = time - _reach[1 - port], last = time + _reach[port];
        var key = bucket.KeyOf(row);
        var hash = KeyHash.Of(key);
        for (var number = other.BucketOf(first); number <= other.BucketOf(last); number++)
        {
            if (other.Find(number) is not { } partners)
                continue;
            for (var partner = partners.Last(key, hash); partner >= 0; partner = partners.Previous(partner))
            {
                var partnerTime = partners.Rows.Times[partner];
                if (partnerTime < first || partnerTime > last)
                    continue;
                if (port == 0 ? !Give(bucket, row, partners, partner) : !Give(partners, partner, bucket, row))
                    continue;
                bucket.Match(row);
                partners.Match(partner);
            }
        }
    }

    private bool Give(JoinBucket? left, int leftRow, JoinBucket? right, int rightRow)
    {
        var columns = _output.Rows.Columns;
        var at = 0;
        at = Append(left, leftRow, _sides[0].Schema.Fields.Count, at);
        _ = Append(right, rightRow, _sides[1].Schema.Fields.Count, at);
        var time = Math.Max(left?.Rows.Times[leftRow] ?? long.MinValue, right?.Rows.Times[rightRow] ?? long.MinValue);
        _output.Complete(time, _forwarded, _place++);
        if (left is null || right is null || _where is null || _where.IsTrue(_output.Rows, _output.Count - 1))
            return true;
        _output.Rows.Truncate(_output.Count - 1);
        return false;

        int Append(JoinBucket? bucket, int row, int count, int first)
        {
            for (var i = 0; i < count; i++)
            {
                if (bucket is null)
                    columns[first + i].AppendNull();
                else
                    columns[first + i].AppendFrom(bucket.Rows.Rows.Columns[i], row);
            }

            return first + count;
        }
    }

    /// <summary>Forgets what no row can be paired with any more; gives the rows without partners of an outer join.</summary>
    private void Expire(long watermark)
    {
        _output.Clear();
        for (var port = 0; port < 2; port++)
        {
            var isOuter = (_kind & (port == 0 ? JoinKind.Left : JoinKind.Right)) != 0;
            foreach (var bucket in _sides[port].TakeOver(watermark - _lateness - Math.Max(0, _reach[port])))
            {
                for (var row = 0; isOuter && row < bucket.Rows.Count; row++)
                {
                    if (!bucket.IsMatched(row))
                        Give(port == 0 ? bucket : null, row, port == 0 ? null : bucket, row);
                }
            }
        }

        Emit(_output);
    }

    private static BlobWriter Begin(ChangeWriter changes, byte kind, int port, long number)
    {
        var blob = changes.Begin();
        blob.Byte(kind);
        blob.Byte((byte)port);
        blob.Signed(number);
        return blob;
    }

    private static void WriteRows(ChangeWriter changes, int port, long number, JoinBucket bucket, int from, int to)
    {
        var blob = Begin(changes, Rows, port, number);
        blob.Unsigned((ulong)from);
        blob.Unsigned((ulong)(to - from));
        for (var row = from; row < to; row++)
        {
            blob.Signed(bucket.Rows.Times[row]);
            blob.Signed(bucket.Rows.Places[row]);
            blob.Byte(bucket.IsMatched(row) ? (byte)1 : (byte)0);
            RowCodec.Write(blob, bucket.Rows.Rows, row);
        }

        changes.End();
    }

    private static void WriteMatched(ChangeWriter changes, int port, long number, JoinBucket bucket)
    {
        var blob = Begin(changes, Matched, port, number);
        blob.Unsigned((ulong)bucket.NewlyMatched.Count);
        foreach (var row in bucket.NewlyMatched)
            blob.Unsigned((ulong)row);
        changes.End();
        bucket.NewlyMatched.Clear();
    }

    /// <summary>Rows that a copy had already are read over: the log tells them once more.</summary>
    private static void ReadRows(ref BlobReader change, JoinSide side, JoinBucket bucket)
    {
        var from = (int)change.Unsigned();
        var scratch = new DataBatch(side.Schema);
        for (var count = (int)change.Unsigned(); count > 0; count--, from++)
        {
            var (time, place, matched) = (change.Signed(), change.Signed(), change.Byte() != 0);
            scratch.Clear();
            RowCodec.Read(ref change, scratch.Rows);
            scratch.Complete(time, DataBatch.NoTime, place);
            if (from > bucket.Rows.Count)
                throw new StreamingException($"stored state: found row {from} of a run of {bucket.Rows.Count}; expected the rows between; the state is damaged.");
            if (from == bucket.Rows.Count)
            {
                side.Keys.Read(scratch.Rows);
                side.Keep(scratch, 0, side.HasKey(scratch.Rows, 0));
                bucket.Logged = bucket.Rows.Count;
            }

            if (matched)
                bucket.Match(from);
            bucket.NewlyMatched.Clear();
        }
    }
}
