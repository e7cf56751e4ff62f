using System.Buffers;
using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>
/// One request to invoke an app: attempts under the target's policies until one may be answered with. From the first
/// byte of an answer on there is no other attempt.
/// </summary>
internal sealed class HttpInvocation(HttpContext context, DirectInvoker invoker, string target, InvokeCall call)
{
    private const int ChunkBytes = 32 * 1024;

    private readonly ConcurrentBag<Task> _attempts = [];
    private int _answering;

    /// <summary>True once the answer has begun: the request's fate is sealed.</summary>
    public bool IsAnswering => Volatile.Read(ref _answering) != 0;

    public Task<Outcome<HttpFailure>> TryAsync(Attempt attempt)
    {
        var running = AttemptAsync(attempt.Token);
        _attempts.Add(running);
        return running;
    }

    /// <summary>Waits for attempts that their policy has given up: they must not touch the request after its end.</summary>
    public async Task SettledAsync()
    {
        foreach (var attempt in _attempts)
            await attempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<Outcome<HttpFailure>> AttemptAsync(CancellationToken cancellationToken)
    {
        InvokeAnswer answer;
        try
        {
            answer = await invoker.InvokeAsync(target, call, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A body that went away with the attempt cannot be sent again.
            return new Outcome<HttpFailure>(null, exception, IsPermanent: !call.Body.CanRepeat);
        }

        await using (answer)
        {
            if (answer.IsHttpFailure && call.Body.CanRepeat)
                return await FailedAsync(answer, cancellationToken);
            try
            {
                await RelayAsync(answer, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                return new Outcome<HttpFailure>(null, exception, IsPermanent: true);
            }

            // The caller has the app's answer; this is for the circuit breaker.
            return answer.IsHttpFailure
                ? new Outcome<HttpFailure>(null, new InvokeException("streaming request received non-2xx response"), answer.Code, IsPermanent: true)
                : default;
        }
    }

    /// <summary>The whole answer, to be given should no other attempt be better.</summary>
    private static async Task<Outcome<HttpFailure>> FailedAsync(InvokeAnswer answer, CancellationToken cancellationToken)
    {
        var failure = new HttpFailure(answer.Code, answer.ContentType, answer.Headers, await answer.ReadAsync(cancellationToken));
        return new Outcome<HttpFailure>(failure, new InvokeException($"received non-successful status code in response: {answer.Code}"), answer.Code);
    }

    private async Task RelayAsync(InvokeAnswer answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _answering, 1) != 0)
            throw new InvokeException("already completed");
        var (status, body) = Translate(answer);
        context.Response.StatusCode = status;
        AnswerHeaders.Write(context.Response, answer.Headers, answer.ContentType);
        if (call.WantsEvents && status is >= 200 and < 300)
            AnswerHeaders.WriteEvents(context.Response);
        if (body is not null)
        {
            await context.Response.Body.WriteAsync(body, cancellationToken);
            return;
        }

        if (status is < 200 or 204 or 205 or 304 || HttpMethods.IsHead(context.Request.Method))
            return;
        await CopyAsync(answer.Body, cancellationToken);
    }

    /// <summary>A gRPC app's status as one of HTTP; an error's body is the status itself.</summary>
    private static (int Status, byte[]? Body) Translate(InvokeAnswer answer)
    {
        if (answer.IsHttp)
            return (answer.Code, null);
        var status = StatusMapping.ToHttp((StatusCode)answer.Code);
        return (status, status == StatusCodes.Status200OK ? null : StatusJson.Write(answer));
    }

    /// <summary>Each piece leaves as soon as it has come.</summary>
    private async Task CopyAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var reading = body.ReadAsync(buffer, cancellationToken);
            if (!reading.IsCompleted)
                await context.Response.Body.FlushAsync(cancellationToken);
            for (int count; (count = await reading) > 0; reading = body.ReadAsync(buffer, cancellationToken))
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>An app's answer that its caller gets only if all attempts fail.</summary>
internal sealed record HttpFailure(int Status, string ContentType, InvokeMetadata Headers, byte[] Body);
