using RealTimeMesh.Contracts;

namespace RealTimeMesh.Snowflake;

/// <summary>One version of a table on its way to the warehouse.</summary>
public sealed record LoadRequest
{
    /// <summary>Such as <c>flights.gold.airport_daily</c>; with the version it names the load.</summary>
    public required string Source { get; init; }

    /// <summary>Version of the source table.</summary>
    public required long Version { get; init; }

    /// <summary>Schema and table in the warehouse, such as <c>GOLD.AIRPORT_DAILY</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Columns that identify a row.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    public required RowSchema Schema { get; init; }

    /// <summary>Absolute folder or URL that the warehouse's stage points to.</summary>
    public required string StageUrl { get; init; }

    /// <summary>Folder of the version's Parquet files, relative to the stage.</summary>
    public required string StagePath { get; init; }

    /// <summary>Rows of the version, and their hash by <see cref="RowHash"/>.</summary>
    public required long Rows { get; init; }

    public required string ContentHash { get; init; }

    /// <summary><c>{source}@{version}</c></summary>
    public string LoadId => $"{Source}@{Version}";
}

/// <summary>What a load did.</summary>
/// <param name="Loaded">False where the version, or a newer one, was recorded already.</param>
public sealed record LoadResult(string LoadId, string Target, long Version, long Rows, string ContentHash, bool Loaded);
