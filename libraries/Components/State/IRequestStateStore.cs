namespace RealTimeMesh.Components;

/// <summary>A store that looks at the metadata and consistency of reads. Optional, beside <see cref="IStateStore"/>.</summary>
public interface IRequestStateStore
{
    /// <summary>As <see cref="IStateStore.GetAsync"/>.</summary>
    Task<StateItem?> ReadAsync(StateRead read, CancellationToken cancellationToken);

    /// <summary>As <see cref="IStateStore.BulkGetAsync"/>; an item with an <see cref="StateItem.Error"/> could not be read.</summary>
    Task<IReadOnlyList<StateItem?>> ReadManyAsync(IReadOnlyList<StateRead> reads, int parallelism, CancellationToken cancellationToken);
}

/// <summary>A store that takes many independent writes in one call. Optional, beside <see cref="IStateStore"/>.</summary>
public interface IBulkWritingStore
{
    /// <summary>Applies upserts or deletions, not as a transaction: on a failure some may be applied. The first conflict decides the outcome.</summary>
    Task<StateWrite> WriteManyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);
}

/// <summary>A store that answers Dapr's queries. Optional, beside <see cref="IStateStore"/>.</summary>
public interface IQueryingStore
{
    /// <summary>Runs a query.</summary>
    /// <param name="query">Dapr's query as JSON: <c>filter</c>, <c>sort</c>, <c>page</c>.</param>
    /// <param name="metadata">The request's metadata.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<StateQueryPage> QueryAsync(ReadOnlyMemory<byte> query, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);
}

/// <summary>One read.</summary>
public sealed record StateRead(string Key)
{
    public StateConsistency Consistency { get; init; }

    /// <summary>The request's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Answers of a query. <see cref="Token"/> is empty where there are no more.</summary>
public sealed record StateQueryPage(IReadOnlyList<StateQueryAnswer> Answers, string Token)
{
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>One answer of a query; <see cref="Error"/> is empty where it could be read.</summary>
public sealed record StateQueryAnswer(string Key, ReadOnlyMemory<byte> Value, string? ETag, string Error);
