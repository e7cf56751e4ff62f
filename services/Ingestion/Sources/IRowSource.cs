using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Something that has rows in an order of its own.</summary>
internal interface IRowSource : IAsyncDisposable
{
    /// <summary>Rows in all, where that is known before the end.</summary>
    long? Total { get; }

    /// <summary>True where a source that was done may have more rows when it is opened again.</summary>
    bool MayGrow => false;

    /// <summary>Where the row after the last one read begins.</summary>
    SourcePosition Position { get; }

    /// <summary>
    /// Adds the next rows, at most <paramref name="maxRows"/>, to a batch that has begun. Returns false at the end, then
    /// perhaps with rows as well; true without rows to have a position stored that moved without them. A source without an end waits for its next row only while the batch is empty.
    /// </summary>
    ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken);

    /// <summary>Told each position once everything before it is published and the position itself is stored. Runs beside <see cref="ReadAsync"/>.</summary>
    ValueTask SavedAsync(SourcePosition position, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
