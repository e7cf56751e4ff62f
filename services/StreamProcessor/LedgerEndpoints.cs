using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace RealTimeMesh.StreamProcessor;

/// <summary><c>/v1/ledger</c>, <c>/v1/watermarks</c>, <c>/v1/quarantine</c>.</summary>
internal static class LedgerEndpoints
{
    public static WebApplication MapLedger(this WebApplication app)
    {
        app.MapGet("/v1/ledger", Ledger);
        app.MapGet("/v1/watermarks", Watermarks);
        app.MapGet("/v1/quarantine", Quarantine);
        return app;
    }

    private static Ok<LedgerAnswer> Ledger(StreamSet streams, LatencyRecorder latency) => TypedResults.Ok(new LedgerAnswer(
        [.. streams.Workers.Select(worker =>
        {
            var partitions = worker.Engine.Partitions;
            return new StreamLedger(worker.Engine.Stream.Pipeline, worker.Engine.Stream.Name,
                partitions.Sum(status => status.Applied), partitions.Sum(status => status.Late),
                partitions.Sum(status => status.Quarantined), partitions.Sum(status => status.DuplicatesSkipped), partitions.Sum(status => status.Redriven));
        })],
        latency.Summary()));

    private static Ok<WatermarksAnswer> Watermarks(StreamSet streams) => TypedResults.Ok(new WatermarksAnswer(
        [.. streams.Workers.Select(worker =>
        {
            var offsets = worker.Engine.Partitions.ToDictionary(status => status.Partition, status => status.Offset);
            return new StreamWatermarks(worker.Engine.Stream.Pipeline, worker.Engine.Stream.Name,
                [.. worker.Engine.Watermarks().Select(mark => new WatermarkAnswer(mark.Partition, offsets.GetValueOrDefault(mark.Partition, -1), mark.Own, mark.Effective, mark.IsIdle, mark.HoldsBack))]);
        })]));

    private static Ok<QuarantineAnswer> Quarantine(QuarantineLog log) => TypedResults.Ok(new QuarantineAnswer(log.Latest()));

    internal sealed record LedgerAnswer(IReadOnlyList<StreamLedger> Streams, LatencySummary Latency);

    internal sealed record StreamLedger(string Pipeline, string Stream, long Applied, long Late, long Quarantined, long DuplicatesSkipped, long Redriven);

    internal sealed record WatermarksAnswer(IReadOnlyList<StreamWatermarks> Streams);

    internal sealed record StreamWatermarks(string Pipeline, string Stream, IReadOnlyList<WatermarkAnswer> Partitions);

    internal sealed record WatermarkAnswer(int Partition, long Offset, DateTime? Watermark, DateTime? Effective, bool Idle, bool HoldsBack);

    internal sealed record QuarantineAnswer(IReadOnlyList<QuarantinedEvent> Events);
}
