using System.Net.Http;
using Grpc.Core;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>Publishes lists of events in calls of bounded size and turns the sidecar's answers into values.</summary>
internal sealed class EventSink(IEventPublisher publisher, MemoryBudget memory, IngestionOptions options, IngestionMetrics metrics, TimeProvider time)
{
    /// <summary>Publishes in order; stops at the first call that fails, so that nothing overtakes what failed.</summary>
    public async Task<PublishAttempt> PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        for (var start = 0; start < events.Count;)
        {
            var count = CallSize(events, start, out var bytes);
            var part = start == 0 && count == events.Count ? events : new ListSlice<OutgoingEvent>(events, start, count);
            var attempt = await HeldAsync(bytes, topic, envelope, part, cancellationToken);
            if (attempt.Status != PublishStatus.Stored)
                return attempt with { StoredCount = start };
            start += count;
        }

        return PublishAttempt.Stored(events.Count);
    }

    /// <summary>An encoded call is memory that requests hold, though it has none of their shares.</summary>
    private async Task<PublishAttempt> HeldAsync(long bytes, string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        memory.Take(bytes);
        try
        {
            return await CallAsync(topic, envelope, events, cancellationToken);
        }
        finally
        {
            memory.Return(bytes);
        }
    }

    private async Task<PublishAttempt> CallAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.PublishTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = time.GetTimestamp();
        try
        {
            await publisher.PublishAsync(topic, envelope, events, linked.Token);
            metrics.Published(topic, time.GetElapsedTime(started));
            return PublishAttempt.Stored(events.Count);
        }
        catch (RpcException e)
        {
            metrics.Published(topic, time.GetElapsedTime(started));
            return new PublishAttempt(Classify(e), 0, $"{e.StatusCode}: {e.Status.Detail}");
        }
        catch (OperationCanceledException)
        {
            return new PublishAttempt(PublishStatus.Unknown, 0, cancellationToken.IsCancellationRequested ? "the service is stopping" : $"no answer within {options.PublishTimeout}");
        }
    }

    private static PublishStatus Classify(RpcException e) => e.StatusCode switch
    {
        StatusCode.ResourceExhausted => PublishStatus.Overloaded,
        // The call never left this process.
        StatusCode.Unavailable when e.Status.DebugException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => PublishStatus.NotStored,
        // Refused before a broker was asked.
        StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.Unimplemented => PublishStatus.NotStored,
        // One event that a broker failed to store fails the call, whatever became of the others.
        _ => PublishStatus.Unknown,
    };

    private int CallSize(IReadOnlyList<OutgoingEvent> events, int start, out long bytes)
    {
        bytes = 0;
        var count = 0;
        while (start + count < events.Count && count < options.PublishEvents)
        {
            var length = PublishCallSize.Bound(events[start + count]);
            if (count > 0 && bytes + length > options.PublishBytes)
                break;
            bytes += length;
            count++;
        }

        return count;
    }
}
