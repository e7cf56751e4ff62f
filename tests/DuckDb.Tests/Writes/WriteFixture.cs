using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Validation;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>A temporary table with an engine, and a DuckDB table that is told the same to compare with.</summary>
internal sealed class WriteFixture : IDisposable
{
    private static long _counter;
    private readonly DuckDbSession _oracle;
    private int _names;

    public WriteFixture()
    {
        Root = Path.Combine(Path.GetTempPath(), $"mesh-writes-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}");
        Directory.CreateDirectory(Root);
        Options = new DuckDbOptions { SpillPath = Path.Combine(Root, "spill"), MemoryLimitMiB = 256 };
        _oracle = DuckDbSession.Open(Options);
        Table = Open();
    }

    public string Root { get; }

    public DuckDbOptions Options { get; }

    public DeltaTable Table { get; set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public DeltaTable Open(string name = "t") => DeltaTable.At(Path.Combine(Root, name), new DeltaTableOptions { Engine = new DuckDbTableEngine(Options) }, TimeProvider.System);

    public Task<OperationResult> CreateAsync(string sql, IReadOnlyList<string>? partitionBy = null, params (string Name, string Value)[] properties) =>
        Table.WriteAsync(new WriteRequest(RowSource.Query(sql)) { PartitionBy = partitionBy ?? [], Properties = properties.ToDictionary(item => item.Name, item => (string?)item.Value) }, Cancel);

    /// <summary>The newest snapshot.</summary>
    public async Task<Snapshot> SnapshotAsync(long? version = null) => (await Open().GetSnapshotAsync(version, Cancel))!;

    /// <summary>Rows of the table as texts, in order.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string columns = "*", long? version = null)
    {
        using var session = DuckDbSession.Open(Options);
        var snapshot = await SnapshotAsync(version);
        await session.RegisterSnapshotAsync("t", snapshot.Table, snapshot, null, Cancel);
        return Texts(await session.RowsAsync($"SELECT {columns} FROM t ORDER BY ALL", Cancel));
    }

    /// <summary>Changed rows of one version.</summary>
    public async Task<IReadOnlyList<string>> ChangesAsync(long from, long to, string columns = "*")
    {
        using var session = DuckDbSession.Open(Options);
        await session.RegisterChangesAsync("c", await Open().GetChangesAsync(from, to, Cancel), Cancel);
        return Texts(await session.RowsAsync($"SELECT {columns} FROM c ORDER BY ALL", Cancel));
    }

    /// <summary>Runs statements in the DuckDB that the table is compared with.</summary>
    public Task<long> OracleAsync(string sql) => _oracle.ExecuteAsync(sql, Cancel);

    public async Task<IReadOnlyList<string>> OracleRowsAsync(string sql) => Texts(await _oracle.RowsAsync($"{sql} ORDER BY ALL", Cancel));

    /// <summary>Rows of a query of the oracle in a Parquet file.</summary>
    public async Task<string> FileAsync(string sql)
    {
        var path = Path.Combine(Root, string.Create(CultureInfo.InvariantCulture, $"source{_names++}.parquet"));
        await _oracle.ExecuteAsync($"COPY ({sql}) TO {SqlText.Literal(path)} (FORMAT PARQUET)", Cancel);
        return path;
    }

    /// <summary>Set by tests that put something into the folder that does not belong there.</summary>
    public bool IsDamaged { get; set; }

    public void Dispose()
    {
        _oracle.Dispose();
        try
        {
            if (!IsDamaged)
                WrittenTables.Check(Root);
        }
        finally
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<object?[]> rows) =>
        [.. rows.Select(row => string.Join(" | ", row.Select(value => value is null ? "NULL" : Convert.ToString(value, CultureInfo.InvariantCulture))))];
}
