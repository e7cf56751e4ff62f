using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Appending;
using RealTimeMesh.Lakehouse.Queries;

namespace RealTimeMesh.Lakehouse.Endpoints;

/// <summary><c>/v1/ledger</c> from the tables' logs, <c>/v1/audit</c> from their rows.</summary>
internal static class LedgerEndpoints
{
    public static WebApplication MapLedger(this WebApplication app)
    {
        app.MapGet("/v1/ledger", LedgerAsync);
        app.MapPost("/v1/audit", AuditAsync);
        return app;
    }

    private static async Task<Ok<LedgerAnswer>> LedgerAsync(AppenderSet appenders, CancellationToken cancellationToken)
    {
        List<StreamLedger> streams = [];
        foreach (var stream in appenders.Streams)
        {
            var bronze = stream.Bronze is null ? null : await stream.Bronze.Table.Delta.GetSnapshotAsync(null, cancellationToken);
            var letters = await stream.DeadLetters.Table.Delta.GetSnapshotAsync(null, cancellationToken);
            var quarantine = await stream.Quarantine.Delta.GetSnapshotAsync(null, cancellationToken);
            streams.Add(new StreamLedger(
                stream.Pipeline,
                stream.Stream,
                bronze?.RowCount ?? 0,
                // Letters of consumers are of events that are counted where they were given up.
                Math.Max(0, RowsOf(letters, stream.Stream) - (letters?.Transactions.GetValueOrDefault(DeadLetterRows.ConsumersKey(stream.DeadLetters.Topic)) ?? 0)),
                RowsOf(quarantine, stream.Stream),
                (stream.Bronze?.DuplicatesSkipped ?? 0) + stream.DeadLetters.DuplicatesSkipped,
                stream.Bronze is { } appender ? bronze?.Transactions.GetValueOrDefault(appender.RedrivenKey) ?? 0 : 0));
        }

        return TypedResults.Ok(new LedgerAnswer(streams));
    }

    private static async Task<Ok<AuditAnswer>> AuditAsync(string? pipeline, AppenderSet appenders, LakeQueries queries, CancellationToken cancellationToken)
    {
        List<StreamAudit> streams = [];
        foreach (var stream in appenders.Streams.Where(stream => stream.Bronze is not null && (pipeline is null || stream.Pipeline == pipeline)))
        {
            var (rows, ids) = await queries.AuditAsync(stream.Bronze!.Table.Delta, cancellationToken);
            streams.Add(new StreamAudit(stream.Pipeline, stream.Stream, rows, ids));
        }

        return TypedResults.Ok(new AuditAnswer(streams));
    }

    /// <summary>Rows of a stream in a table that is partitioned by stream.</summary>
    private static long RowsOf(Snapshot? snapshot, string stream)
    {
        long rows = 0;
        foreach (var file in snapshot?.Files ?? [])
        {
            if (file.PartitionValues.TryGetValue("stream", out var value) && value == stream)
                rows += file.NumRecords;
        }

        return rows;
    }

    internal sealed record LedgerAnswer(IReadOnlyList<StreamLedger> Streams);

    internal sealed record StreamLedger(string Pipeline, string Stream, long Rows, long DeadLettered, long Quarantined, long DuplicatesSkipped, long Redriven);

    internal sealed record AuditAnswer(IReadOnlyList<StreamAudit> Streams);

    internal sealed record StreamAudit(string Pipeline, string Stream, long Rows, long DistinctIds);
}
