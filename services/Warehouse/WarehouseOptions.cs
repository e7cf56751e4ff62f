using Microsoft.Extensions.Configuration;

namespace RealTimeMesh.Warehouse;

/// <summary>Settings of the warehouse stand-in; the name in configuration stands in front of each.</summary>
public sealed record WarehouseOptions
{
    /// <summary><c>MESH_DATA</c> + <c>/warehouse</c>: folder of the database and of spooled results.</summary>
    public required string Folder { get; init; }

    /// <summary><c>MESH_WAREHOUSE_STAGE_ROOTS</c>: folders, separated by the path separator, that stages may point into. Default: the data folder.</summary>
    public required IReadOnlyList<string> StageRoots { get; init; }

    /// <summary><c>MESH_WAREHOUSE_PUBLIC_KEY</c>: PEM of the RSA public key, or a file with it, that bearer tokens are checked against. Without it only loopback is served.</summary>
    public string? PublicKey { get; init; }

    /// <summary><c>MESH_WAREHOUSE_MEMORY_MIB</c>: most memory for DuckDB's buffers. Default 128.</summary>
    public int MemoryLimitMiB { get; init; } = 128;

    /// <summary><c>MESH_WAREHOUSE_PAGE_ROWS</c>: rows of one partition of a result. Default 10,000.</summary>
    public int PageRows { get; init; } = 10_000;

    /// <summary><c>MESH_WAREHOUSE_SYNC_WAIT_MS</c>: how long a submit waits before it answers 202. Default 45 s, as Snowflake.</summary>
    public TimeSpan SyncWait { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary><c>MESH_WAREHOUSE_TIMEOUT_MS</c>: longest run of a statement whose request names no timeout. Default 10 min.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>MESH_WAREHOUSE_HANDLES</c>: finished statements whose results stay readable; the oldest go first. Default 256.</summary>
    public int RetainedStatements { get; init; } = 256;

    /// <summary><c>MESH_WAREHOUSE_RESULT_MIB</c>: largest result of one statement. Default 256.</summary>
    public int MaxResultMiB { get; init; } = 256;

    /// <summary><c>MESH_WAREHOUSE_RUNNING</c>: statements that run or wait at once; beyond it a submit is answered 429. Default 64.</summary>
    public int MaxRunning { get; init; } = 64;

    public static WarehouseOptions From(IConfiguration configuration, string dataPath)
    {
        var data = Path.GetFullPath(dataPath);
        var defaults = new WarehouseOptions { Folder = Path.Combine(data, "warehouse"), StageRoots = [data] };
        return defaults with
        {
            StageRoots = configuration["MESH_WAREHOUSE_STAGE_ROOTS"] is { Length: > 0 } roots
                ? [.. roots.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath)]
                : defaults.StageRoots,
            PublicKey = configuration["MESH_WAREHOUSE_PUBLIC_KEY"] is { Length: > 0 } key ? key : null,
            MemoryLimitMiB = configuration.GetValue("MESH_WAREHOUSE_MEMORY_MIB", defaults.MemoryLimitMiB),
            PageRows = configuration.GetValue("MESH_WAREHOUSE_PAGE_ROWS", defaults.PageRows),
            SyncWait = TimeSpan.FromMilliseconds(configuration.GetValue("MESH_WAREHOUSE_SYNC_WAIT_MS", defaults.SyncWait.TotalMilliseconds)),
            StatementTimeout = TimeSpan.FromMilliseconds(configuration.GetValue("MESH_WAREHOUSE_TIMEOUT_MS", defaults.StatementTimeout.TotalMilliseconds)),
            RetainedStatements = configuration.GetValue("MESH_WAREHOUSE_HANDLES", defaults.RetainedStatements),
            MaxResultMiB = configuration.GetValue("MESH_WAREHOUSE_RESULT_MIB", defaults.MaxResultMiB),
            MaxRunning = configuration.GetValue("MESH_WAREHOUSE_RUNNING", defaults.MaxRunning),
        };
    }
}
