using System.Runtime.CompilerServices;
using Apache.Arrow;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;
using RealTimeMesh.DuckDb.Writes;

namespace RealTimeMesh.DuckDb;

/// <summary>Reads and changes Delta tables with DuckDB: a private session for each scan and operation, with the memory limit and the spill folder of the options.</summary>
public sealed class DuckDbTableEngine(DuckDbOptions options) : ITableEngine
{
    public string Name => "duckdb";

    public async IAsyncEnumerable<RecordBatch> ScanAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var parts = new ScanParts(request);
        while (await parts.NextAsync(cancellationToken) is { } part)
        {
            using var session = DuckDbSession.Open(options);
            using var rows = await session.OpenArrowAsync(await session.QueryOfAsync(part, cancellationToken), cancellationToken);
            await foreach (var batch in rows.ReadAsync(cancellationToken))
            {
                parts.Given += batch.Length;
                yield return batch;
            }
        }
    }

    public async IAsyncEnumerable<RecordBatch> ScanChangesAsync(ChangeSet changes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = DuckDbSession.Open(options);
        using var rows = await session.OpenArrowAsync(await ChangeScan.PrepareAsync(session, changes, cancellationToken), cancellationToken);
        await foreach (var batch in rows.ReadAsync(cancellationToken))
            yield return batch;
    }

    public Task<ITableWork> OpenAsync(RowSource? source, CancellationToken cancellationToken) => TableWork.OpenAsync(options, source, cancellationToken);
}
