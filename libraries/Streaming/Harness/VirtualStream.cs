using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Runs a stream's views on a list of events without a broker or a store: events in, view rows out. Partitions and
/// offsets are the caller's; state can be shared between runs to play a restart.
/// </summary>
public sealed class VirtualStream : IDisposable
{
    private readonly StreamEngine _engine;

    public VirtualStream(StreamDefinition stream, IReadOnlyList<ViewDefinition> views, IStreamState state, TimeProvider time, StreamingOptions? options = null, string writer = "virtual")
    {
        _engine = new StreamEngine(stream, views, state, options ?? new StreamingOptions(), time, writer);
    }

    public StreamEngine Engine => _engine;

    /// <summary>Applies events of one partition as one batch.</summary>
    public async Task<BatchOutcome> ApplyAsync(int partition, IReadOnlyList<VirtualEvent> events, CancellationToken cancellationToken)
    {
        await using var batch = await _engine.BeginAsync(partition, cancellationToken);
        foreach (var item in events)
        {
            if (batch.Admit(item.Offset, Encoding.UTF8.GetBytes(item.Source), item.Sequence) != Admission.Accept)
                continue;
            if (item.Append is null)
            {
                batch.Quarantine();
                continue;
            }

            item.Append(batch.Rows);
            batch.AddRow(item.Offset);
        }

        return await batch.CommitAsync(cancellationToken);
    }

    /// <summary>All rows of a view as JSON texts, oldest window first.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string view, CancellationToken cancellationToken)
    {
        List<string> rows = [];
        var query = new ViewQuery { Descending = false, Limit = 10_000 };
        while (true)
        {
            var page = await _engine.QueryAsync(view, query, cancellationToken);
            rows.AddRange(page.Rows.Select(Text));
            if (page.Next is null)
                return rows;
            query = query with { After = page.Next };
        }
    }

    public void Dispose() => _engine.Dispose();

    private static string Text(ViewRow row)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            row.Write(json);
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}

/// <summary>An event for <see cref="VirtualStream"/>.</summary>
/// <param name="Offset">Position in the partition; ascending.</param>
/// <param name="Append">Appends its row; null for an event that cannot be decoded.</param>
public sealed record VirtualEvent(long Offset, Action<ColumnBatch>? Append)
{
    public string Source { get; init; } = "";

    public long Sequence { get; init; } = -1;
}
