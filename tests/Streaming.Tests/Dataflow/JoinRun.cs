using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>Feeds a step with rows of two sides, cut into random batches, over a log in a store whose commits may fail.</summary>
internal sealed class JoinRun(Func<Operator> create, IStreamState state, long outOfOrder)
{
    private static readonly StateLogOptions SmallLog = new() { PieceBytes = 300, CopyAfterBytes = 1500, CopyAfterCommits = 20, DeletesPerCommit = 7, ReadRows = 3 };

    private readonly long[] _largest = new long[2];
    private Operator _join = create();
    private StateLog _log = new(state, "join", SmallLog);
    private int _position;
    private long _lateBefore;

    /// <summary>Pairs given, each once however often.</summary>
    public HashSet<string> Results { get; } = [];

    /// <summary>Pairs given, each time counted.</summary>
    public int Given { get; private set; }

    public long Late => _lateBefore + _join.Late;

    public async Task FeedAsync(IReadOnlyList<JoinItem> items, Random cuts, bool restarts)
    {
        await LoadAsync();
        while (_position < items.Count)
        {
            var count = Math.Min(items.Count - _position, 1 + cuts.Next(40));
            Process([.. items.Skip(_position).Take(count)]);
            try
            {
                await CommitAsync();
                if (restarts && cuts.Next(5) == 0)
                    await LoadAsync();
            }
            catch (IOException)
            {
                await LoadAsync();
            }
        }

        _join.Advance(0, EventTimes.Latest);
        _join.Advance(1, EventTimes.Latest);
    }

    /// <summary>Rows of one side that follow each other are a batch.</summary>
    private void Process(List<JoinItem> items)
    {
        for (var from = 0; from < items.Count;)
        {
            var side = items[from].Side;
            var batch = new DataBatch(OperatorRun.Input);
            for (; from < items.Count && items[from].Side == side; from++)
            {
                var item = items[from];
                Put((StringColumn)batch.Rows.Columns[0], item.Key);
                ((Int64Column)batch.Rows.Columns[1]).Append(item.Time);
                ((Int64Column)batch.Rows.Columns[2]).Append(item.Value);
                batch.Complete(item.Time, Watermark(side), _position++);
                _largest[side] = Math.Max(_largest[side], item.Time);
            }

            _join.Process(side, batch);
            _join.Advance(side, Watermark(side));
        }
    }

    private long Watermark(int side) => _largest[side] == DataBatch.NoTime ? DataBatch.NoTime : _largest[side] - outOfOrder;

    private async Task CommitAsync()
    {
        var changes = new ChangeWriter();
        _join.WriteChanges(changes);
        var task = string.Create(CultureInfo.InvariantCulture, $"[{_position},{_largest[0]},{_largest[1]},{Late}]");
        Assert.Equal(StateCommit.Applied, await _log.CommitAsync(changes, json => json.WriteRawValue(task), [], copy => _join.WriteAll(copy).GetEnumerator(), TestContext.Current.CancellationToken));
    }

    private async Task LoadAsync()
    {
        _join = create();
        _log = new StateLog(state, "join", SmallLog);
        var task = await _log.LoadAsync(Apply, TestContext.Current.CancellationToken);
        (_position, _largest[0], _largest[1], _lateBefore) = task is { } stored
            ? (stored[0].GetInt32(), stored[1].GetInt64(), stored[2].GetInt64(), stored[3].GetInt64())
            : (0, DataBatch.NoTime, DataBatch.NoTime, 0);
        _join.To(new Collector(this, _join.Output));
        for (var side = 0; side < 2; side++)
        {
            if (Watermark(side) != DataBatch.NoTime)
                _join.Resume(side, Watermark(side));
        }
    }

    private void Apply(ReadOnlyMemory<byte> row)
    {
        var reader = new BlobReader(row.Span);
        while (!reader.AtEnd)
        {
            reader.Unsigned();
            var body = new BlobReader(reader.Take(reader.Count()));
            _join.Apply(ref body);
        }
    }

    private static void Put(StringColumn column, string? value)
    {
        if (value is null)
            column.AppendNull();
        else
            column.Append(value);
    }

    private sealed class Collector(JoinRun run, RowSchema schema) : Operator(schema)
    {
        private long _watermark = DataBatch.NoTime;

        public override void Process(int port, DataBatch batch)
        {
            for (var row = 0; row < batch.Count; row++)
            {
                Assert.True(batch.Times[row] >= _watermark, $"a row of {batch.Times[row]} came after the watermark {_watermark}");
                run.Results.Add(string.Join(' ', batch.Rows.Columns.Select(column => column.GetValue(row) ?? "null")));
                run.Given++;
            }
        }

        public override void Advance(int port, long watermark) => _watermark = watermark;
    }
}

/// <summary>A row of one side.</summary>
internal readonly record struct JoinItem(int Side, string? Key, long Time, long Value);
