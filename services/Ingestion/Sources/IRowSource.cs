using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>Something that has rows in an order of its own.</summary>
internal interface IRowSource : IAsyncDisposable
{
    /// <summary>Rows in all, where that is known before the end.</summary>
    long? Total { get; }

    /// <summary>Where the row after the last one read begins.</summary>
    SourcePosition Position { get; }

    /// <summary>Adds the next rows, at most <paramref name="maxRows"/>, to a batch that has begun. Returns false at the end, then perhaps with rows as well.</summary>
    ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken);
}
