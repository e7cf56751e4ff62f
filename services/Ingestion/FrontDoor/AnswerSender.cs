using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Sends an answer; a client that does not read it is cut off, since its connection holds what it does not take.</summary>
internal sealed class AnswerSender(IngestionOptions options, IngestionMetrics metrics, TimeProvider time)
{
    public static AnswerSender Of(HttpContext context) => context.RequestServices.GetRequiredService<AnswerSender>();

    public async Task SendAsync(HttpContext context, DoorAnswer answer)
    {
        var response = context.Response;
        if (context.RequestAborted.IsCancellationRequested)
            return;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json";
        response.ContentLength = answer.Body.Length;
        if (answer.RetryAfter is { } delay)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (answer.Replayed)
            response.Headers["Idempotency-Replayed"] = "true";
        using var limit = new CancellationTokenSource(options.AnswerTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            await response.Body.WriteAsync(answer.Body, linked.Token);
            await response.Body.FlushAsync(linked.Token);
        }
        catch (OperationCanceledException)
        {
            if (limit.IsCancellationRequested)
                metrics.Cut();
            context.Abort();
        }
    }
}

/// <summary>An answer as it is sent, and kept with an idempotency key.</summary>
internal sealed record DoorAnswer(int Status, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter = null)
{
    /// <summary>It was given before, to the same request.</summary>
    public bool Replayed { get; init; }
}
