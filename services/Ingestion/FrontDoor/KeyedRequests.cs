using System.Buffers;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Keys;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Telemetry;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// Requests with an idempotency key: carried out once, answered with the same answer ever after. By the IETF's draft: the
/// same key with another body is 422, while the first request runs it is 409.
/// </summary>
internal sealed class KeyedRequests(IdempotencyKeys keys, IngestionOptions options, IngestionMetrics metrics)
{
    public const string Header = "Idempotency-Key";

    private const int MaxKeyLength = 256;

    /// <summary>An answer that is kept lists no more than this; the first answer is the same.</summary>
    private const int MaxListed = 100;

    private const int DrainBytes = 16 * 1024;

    public async Task<IResult> ReadAsync(string key, IRequestReader reader, EventsRequest request, CancellationToken cancellationToken)
    {
        // The draft has the key quoted; many clients leave that out.
        key = key is ['"', .. var inner, '"'] ? inner : key;
        if (key.Length is 0 or > MaxKeyLength)
            return new ErrorResult(StatusCodes.Status400BadRequest, "key", $"{Header}: found {key.Length} characters; expected 1 to {MaxKeyLength}.");
        KeyClaim claim;
        try
        {
            claim = await keys.ClaimAsync(request.Stream, request.Tenant, key, request.ContentLength, cancellationToken);
        }
        catch (RpcException e)
        {
            return new ErrorResult(StatusCodes.Status503ServiceUnavailable, "keys_unavailable", $"the state store cannot say what became of this key ({e.StatusCode}: {e.Status.Detail}); nothing of this request was taken. Send it again later.", options.RetryAfter);
        }

        if (claim.IsReused)
            return Reused();
        await using var body = new FingerprintStream(request.Body, Form(reader, request));
        using var ending = claim.Request;
        if (claim.Answered is { } answered)
            return await ReplayAsync(answered, body, request, cancellationToken);
        return claim.Request is { } begun
            ? await CarryOutAsync(begun, reader, request, body, cancellationToken)
            : new ErrorResult(StatusCodes.Status409Conflict, "in_progress", "the request that this key was first sent with is still being carried out. Ask again after the time that Retry-After gives.", claim.RetryAfter);
    }

    private static ErrorResult Reused() =>
        new(StatusCodes.Status422UnprocessableEntity, "key_reused", "this key was first sent with another body; nothing of this request was taken. Use a key for one request only.");

    /// <summary>What of a request tells it from another, besides its body.</summary>
    private static string Form(IRequestReader reader, EventsRequest request) =>
        request.Attributes.Count == 0 ? reader.MediaTypes[0] : $"{reader.MediaTypes[0]}\0{request.ContentType}\0{string.Join('\0', request.Attributes)}";

    private async Task<IResult> ReplayAsync(KeyRecord answered, FingerprintStream body, EventsRequest request, CancellationToken cancellationToken)
    {
        await request.Memory.TakeAsync(DrainBytes, options.RoomTimeout, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(DrainBytes);
        try
        {
            while (await body.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (body.Fingerprint() != answered.Fingerprint)
            return Reused();
        metrics.Replayed(request.Stream.Spec.Topic);
        return new KeptResult(new DoorAnswer(answered.Status, Encoding.UTF8.GetBytes(answered.Answer ?? "")) { Replayed = true });
    }

    private async Task<IResult> CarryOutAsync(KeyedRequest begun, IRequestReader reader, EventsRequest request, FingerprintStream body, CancellationToken cancellationToken)
    {
        var tally = new RequestTally(Math.Min(MaxListed, options.MaxListedRejects), request.Memory);
        var keyed = request.With(body, begun.Origin, tally);
        var ended = false;
        begun.Beginning = () => body.Head;
        try
        {
            if (begun.Head is { } head)
            {
                await request.Memory.TakeAsync(head.Bytes, options.RoomTimeout, cancellationToken);
                if (!await body.BeginsAsync(head, cancellationToken))
                {
                    ended = true;
                    await begun.ForgetAsync();
                    return Reused();
                }
            }

            var result = await reader.ReadAsync(keyed, cancellationToken);
            ended = true;
            if (tally.Status == PublishStatus.Stored && result is EventsResult stored)
            {
                var answer = stored.Render();
                await begun.AnswerAsync(tally, answer.Status, Encoding.UTF8.GetString(answer.Body.Span), body.Fingerprint());
                return new KeptResult(answer);
            }

            await EndAsync(begun, tally, body);
            return result;
        }
        finally
        {
            request.Tally.Include(tally);
            if (!ended)
                await EndAsync(begun, tally, body);
        }
    }

    private static Task EndAsync(KeyedRequest begun, RequestTally tally, FingerprintStream body) =>
        tally.Accepted + tally.Rejected == 0 && tally.Status != PublishStatus.Unknown && tally.Settled
            ? begun.ForgetAsync()
            : begun.LeaveOpenAsync(tally, body.HeadSoFar());

    private sealed class KeptResult(DoorAnswer answer) : IDoorResult
    {
        public int StatusCode => answer.Status;

        public DoorAnswer Render() => answer;

        public Task ExecuteAsync(HttpContext httpContext) => AnswerSender.Of(httpContext).SendAsync(httpContext, answer);
    }
}
