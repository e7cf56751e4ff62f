using System.Text.Json.Nodes;
using Parquet;

namespace RealTimeMesh.DeltaLake;

/// <summary>Gives row ids to the files of a table for which row tracking is enabled: they are added anew by the same commit, without a change of data.</summary>
internal static class RowIdBackfill
{
    public static async Task AddAsync(Snapshot snapshot, LogCommit commit, CancellationToken cancellationToken)
    {
        var told = commit.Removes.Select(file => file.Key).Concat(commit.Adds.Select(file => file.Key)).ToHashSet();
        foreach (var file in snapshot.Files)
        {
            if (file.BaseRowId is null && !told.Contains(file.Key))
                commit.Adds.Add(await CountedAsync(snapshot, file with { DataChange = false }, cancellationToken));
        }
    }

    /// <summary>Ids are given by the number of rows, which some writers do not tell.</summary>
    private static async Task<AddFile> CountedAsync(Snapshot snapshot, AddFile file, CancellationToken cancellationToken)
    {
        if (file.NumRecords >= 0)
            return file;
        await using var stream = await snapshot.Store.OpenReadAsync(TablePaths.Combine(snapshot.Table, file.Path), cancellationToken)
            ?? throw new DeltaException(snapshot.Table, $"data file '{file.Path}' is gone; expected it, to count the rows that get row ids; restore the file.");
        await using var reader = await ParquetReader.CreateAsync(stream, null, leaveStreamOpen: true, cancellationToken: cancellationToken);
        var rows = reader.Metadata?.NumRows ?? throw new DeltaException(snapshot.Table, $"file '{file.Path}' has no Parquet footer; expected its number of rows, by which row ids are given.");
        var stats = file.Stats is null ? [] : JsonNode.Parse(file.Stats)!.AsObject();
        stats["numRecords"] = rows;
        return file with { NumRecords = rows, Stats = stats.ToJsonString(StatisticsJson.Plain) };
    }
}
