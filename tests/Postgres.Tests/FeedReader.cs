using System.Globalization;
using System.Text;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>Reads a feed into lines such as <c>u public.orders 7|new|∅</c>.</summary>
public sealed class FeedReader(IChangeFeed feed) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public IChangeFeed Feed => feed;

    /// <summary>Position after what was read; as of the last whole transaction or part of the snapshot.</summary>
    public ChangePosition Position { get; private set; } = feed.Start;

    /// <summary>Position right after the last change.</summary>
    public ChangePosition Exact { get; private set; } = feed.Start;

    public List<Change> Changes { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>Reads until there are so many changes in all; then what came with them.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(int count)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (Lines.Count < count)
            Take(await feed.ReadAsync(limit.Token));
        return Lines;
    }

    /// <summary>Reads until a position satisfies.</summary>
    public async Task ReadUntilAsync(Func<ChangePosition, bool> reached)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!reached(Position))
            Take(await feed.ReadAsync(limit.Token));
    }

    /// <summary>Reads one block.</summary>
    public async Task<int> ReadBlockAsync()
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        var before = Lines.Count;
        Take(await feed.ReadAsync(limit.Token));
        return Lines.Count - before;
    }

    /// <summary>Whether there was a block within the time.</summary>
    public async Task<bool> TryReadBlockAsync(TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost, TimeProvider.System);
        try
        {
            Take(await feed.ReadAsync(limit.Token));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => feed.DisposeAsync();

    private void Take(ChangeBlock block)
    {
        for (var i = 0; i < block.Count; i++)
        {
            var change = block[i];
            if (change.Operation == ChangeOperation.Progress)
            {
                Position = Exact = change.Position!;
                continue;
            }

            if (change.Index >= 0)
                Exact = Position with { Transaction = change.Lsn, Index = change.Index + 1 };
            Changes.Add(change);
            var values = change.Operation == ChangeOperation.Truncate ? [] : change.Table!.Columns.Select((_, column) => block.StateOf(change, column) switch
            {
                ChangeValue.Known => Encoding.UTF8.GetString(block.TextOf(change, column)),
                ChangeValue.Null => "∅",
                var state => state.ToString(),
            });
            Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{change.Operation.ToString()[0]} {change.Table!.Name} {string.Join('|', values)}").TrimEnd());
        }

        feed.Return(block);
    }
}
