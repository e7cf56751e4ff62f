using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>
/// A proxied call that its caller says is a stream. Policies apply until its request is on its way; what comes after that
/// is between caller and app, however long it takes.
/// </summary>
internal sealed class ProxiedStream(ProxiedCall call, CancellationToken caller) : IDisposable
{
    private Exchange? _open;

    /// <summary>One attempt to get the request on its way.</summary>
    public async Task<Outcome<bool>> OpenAsync(Func<ValueTask<ProxyTarget>> find, CancellationToken cancellationToken)
    {
        var target = await find();
        var turn = new BodyTurn();
        var ended = CancellationTokenSource.CreateLinkedTokenSource(caller);
        var request = call.CreateRequest(target, new TurnContent(call.CreateContent(), turn));
        var exchange = new Exchange(target, request, target.Client.SendAsync(request, ended.Token), ended);
        try
        {
            await Task.WhenAny(turn.Taken, exchange.Answering).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (turn.TryGiveUp())
        {
            await exchange.AbandonAsync();
            throw;
        }
        catch (OperationCanceledException)
        {
            // In the same moment the request got on its way: that counts.
        }

        if (!turn.Taken.IsCompleted && exchange.Answering.Exception is { } failure)
        {
            exchange.Dispose();
            // Without a code: every policy of retries takes it, whatever it matches.
            return new Outcome<bool>(false, ProxiedCall.Refusal(failure.InnerException!, target));
        }

        _open = exchange;
        return new Outcome<bool>(true);
    }

    /// <summary>Hands on what the app answers. Throws <see cref="InvokeException"/> where it does not.</summary>
    public async Task<Outcome<bool>> RelayAsync()
    {
        var exchange = _open!;
        try
        {
            using var response = await exchange.Answering;
            return await call.RelayAsync(response, caller);
        }
        catch (Exception exception) when (!caller.IsCancellationRequested)
        {
            throw ProxiedCall.Refusal(exception, exchange.Target);
        }
    }

    public void Dispose() => _open?.Dispose();

    private sealed class Exchange(ProxyTarget target, HttpRequestMessage request, Task<HttpResponseMessage> answering, CancellationTokenSource ended) : IDisposable
    {
        public ProxyTarget Target => target;

        public Task<HttpResponseMessage> Answering => answering;

        /// <summary>Ends it and waits until it touches nothing any more.</summary>
        public async Task AbandonAsync()
        {
            await ended.CancelAsync();
            await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (answering.IsCompletedSuccessfully)
                answering.Result.Dispose();
            Dispose();
        }

        public void Dispose()
        {
            request.Dispose();
            ended.Dispose();
        }
    }
}
