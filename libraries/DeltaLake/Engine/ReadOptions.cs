namespace RealTimeMesh.DeltaLake;

/// <summary>What <see cref="DeltaTable.ReadAsync(ReadOptions?, CancellationToken)"/> reads. Default: every column of every row of the newest version.</summary>
public sealed record ReadOptions
{
    /// <summary>The version; null for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Columns in the order wanted; null for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Most rows to give; null for all.</summary>
    public long? Limit { get; init; }
}
