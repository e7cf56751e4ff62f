using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Sends an answer; a client that does not read it is cut off, since its connection holds what it does not take.</summary>
internal sealed class AnswerSender(IngestionOptions options, IngestionMetrics metrics, TimeProvider time)
{
    private const int PartBytes = 16 * 1024;

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
        var started = time.GetTimestamp();
        // In parts: the server copies each that is written, and what waits to be read must not be held twice.
        for (var sent = 0; sent < answer.Body.Length && !context.RequestAborted.IsCancellationRequested; sent += PartBytes)
        {
            var part = answer.Body.Slice(sent, Math.Min(PartBytes, answer.Body.Length - sent));
            var writing = response.Body.WriteAsync(part, context.RequestAborted);
            if (writing.IsCompletedSuccessfully)
                await writing;
            else if (!await IsReadAsync(context, writing.AsTask(), options.AnswerTimeout - time.GetElapsedTime(started)))
                return;
        }
    }

    /// <summary>False where the connection was cut, or is gone.</summary>
    private async Task<bool> IsReadAsync(HttpContext context, Task writing, TimeSpan left)
    {
        try
        {
            await writing.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
            return true;
        }
        catch (TimeoutException)
        {
            metrics.Cut();
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }

        context.Abort();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }
}

/// <summary>An answer as it is sent, and kept with an idempotency key.</summary>
internal sealed record DoorAnswer(int Status, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter = null)
{
    /// <summary>What it takes until it is read: writers grow by doubling.</summary>
    public long HeldBytes => 2L * Body.Length;

    /// <summary>It was given before, to the same request.</summary>
    public bool Replayed { get; init; }
}
