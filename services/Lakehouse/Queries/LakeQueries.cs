using System.Globalization;
using System.Numerics;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse.Tables;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Queries;

/// <summary>SQL over tables of the lake. One query at a time: they share the memory set for them.</summary>
internal sealed class LakeQueries(MeshSettings settings, LakehouseOptions options) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Counts rows and distinct ids of a bronze table.</summary>
    public async Task<(long Rows, long DistinctIds)> AuditAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        if (await table.GetSnapshotAsync(null, cancellationToken) is not { Files.Count: > 0 } snapshot)
            return (0, 0);
        var page = await RunAsync(table, snapshot, snapshot.Files, "SELECT count(*), count(DISTINCT _id) FROM t", 1, cancellationToken);
        return (Convert.ToInt64(page.Rows[0][0], CultureInfo.InvariantCulture), Convert.ToInt64(page.Rows[0][1], CultureInfo.InvariantCulture));
    }

    /// <summary>Some rows, of the files added last.</summary>
    public async Task<QueryPage> PreviewAsync(DeltaTable table, Snapshot snapshot, int limit, CancellationToken cancellationToken)
    {
        List<AddFile> files = [];
        long rows = 0;
        for (var i = snapshot.Files.Count - 1; i >= 0 && rows < limit; i--)
        {
            files.Add(snapshot.Files[i]);
            rows += Math.Max(1, snapshot.Files[i].NumRecords);
        }

        return await RunAsync(table, snapshot, files, "SELECT * FROM t", limit, cancellationToken);
    }

    /// <summary>Changed rows in the order of their versions. One thread reads them, so that pages of the same changes fit together.</summary>
    public Task<QueryPage> ChangesAsync(ChangeSet changes, long offset, int limit, CancellationToken cancellationToken) =>
        RunAsync(session => session.RegisterChangesAsync("t", changes, cancellationToken), $"SELECT * FROM t ORDER BY {ChangeColumns.CommitVersion}", offset, limit, cancellationToken);

    public async Task<QueryPage> RunAsync(DeltaTable table, Snapshot snapshot, IReadOnlyList<AddFile> files, string sql, int limit, CancellationToken cancellationToken)
    {
        // A version from before the retention may be read until its files are gone, but not while they are being read.
        using var hold = table.Hold(snapshot);
        return await RunAsync(session => session.RegisterSnapshotAsync("t", table.Path, snapshot, files, cancellationToken), sql, 0, limit, cancellationToken);
    }

    private async Task<QueryPage> RunAsync(Func<DuckDbSession, Task> register, string sql, long offset, int limit, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            using var session = DuckDbSession.Open(new DuckDbOptions { MemoryLimitMiB = options.QueryMemoryMiB, Threads = 1, SpillPath = Path.Combine(settings.DataPath, "spill", "lakehouse") });
            await register(session);
            return await session.QueryAsync(sql, offset, limit, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A value as JSON can hold it.</summary>
    public static object? ToJson(object? value) => value switch
    {
        BigInteger big => big.ToString(CultureInfo.InvariantCulture),
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        double number when !double.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
        float number when !float.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
        _ => value,
    };

    public void Dispose() => _gate.Dispose();
}
