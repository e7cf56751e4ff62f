using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.SparkJobs.Builds;

/// <summary>Lays the live rows of a snapshot out as one Parquet file in the stage, and takes their count and hash.</summary>
internal sealed class StageExport(SparkJobsOptions options)
{
    public async Task<StagedVersion> ExportAsync(string source, DeltaTable table, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{source}/{snapshot.Version}");
        var folder = Path.Combine(options.StagePath, path);
        // What a killed run left behind may be half a file.
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);

        using var session = DuckDbSession.Open(options.DuckDb);
        await session.ExecuteAsync(RowHash.DuckDbMacros, cancellationToken);
        await session.RegisterSnapshotAsync("staged", table.Path, snapshot, null, cancellationToken);
        await session.ExecuteAsync($"COPY (SELECT * FROM staged) TO {SqlText.Literal(Path.Combine(folder, "part-0.parquet"))} (FORMAT PARQUET, COMPRESSION ZSTD)", cancellationToken);
        var proof = (await session.RowsAsync(RowHash.Query(snapshot.RowSchema, "staged"), cancellationToken))[0];
        return new StagedVersion(path, folder, snapshot.RowSchema, long.Parse((string)proof[0]!, CultureInfo.InvariantCulture), (string)proof[1]!);
    }
}

/// <summary>A version laid out in the stage; its folder goes when the load is done.</summary>
internal sealed record StagedVersion(string StagePath, string Folder, RowSchema Schema, long Rows, string ContentHash) : IDisposable
{
    public void Dispose()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
