using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>One operation with all its attempts.</summary>
internal sealed class PolicyRun<TState, T>(PolicyRunner runner, RunnerServices services, TState state, Func<TState, Attempt, Task<Outcome<T>>> operation, RunHooks<T>? hooks)
{
    private bool _timedOut;

    public async Task<Outcome<T>> RunAsync(CancellationToken cancellationToken)
    {
        if (runner.Retry is not { } retry)
            return await GuardAsync(new Attempt(1, cancellationToken));
        var pauses = new RetryPauses(retry, services.Time, services.Random);
        for (var number = 1; ; number++)
        {
            var outcome = await GuardAsync(new Attempt(number, cancellationToken));
            if (outcome.Succeeded)
            {
                if (number > 1)
                    Log.OperationRecovered(services.Logger, runner.Name, number);
                return outcome;
            }

            if (outcome.IsPermanent || (outcome.Code is { } code && !retry.Repeats(code)))
                return outcome;
            cancellationToken.ThrowIfCancellationRequested();
            if (IsClosing || !pauses.TryNext(out var pause))
                return outcome;
            if (number == 1)
                TellRetry(outcome.Error!, pause);
            if (!await PauseAsync(pause, cancellationToken))
                return outcome;
            if (outcome.Value is not null)
                hooks?.Discard?.Invoke(outcome.Value);
        }
    }

    private bool IsClosing => hooks is not null && hooks.Closing.IsCancellationRequested;

    /// <summary>False where no further attempt may begin.</summary>
    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (hooks is not { Closing.CanBeCanceled: true })
        {
            await Task.Delay(pause, services.Time, cancellationToken);
            return true;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(hooks.Closing, cancellationToken);
        try
        {
            await Task.Delay(pause, services.Time, linked.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Told once for an operation, not for each attempt.</summary>
    private void TellRetry(Exception error, TimeSpan pause)
    {
        runner.Meter?.RetryActivated();
        Log.OperationRetried(services.Logger, runner.Name, GoDuration.Format(pause));
        Log.OperationFailed(services.Logger, runner.Name, error.Message);
    }

    private async Task<Outcome<T>> GuardAsync(Attempt attempt)
    {
        if (runner.Breaker is not { } breaker)
            return await LimitAsync(attempt);
        var before = breaker.State;
        if (breaker.Enter(out var generation) is { } closedDoor)
            return Told(breaker, before, new Outcome<T>(default, closedDoor, IsPermanent: true));
        var succeeded = false;
        try
        {
            var outcome = await LimitAsync(attempt);
            succeeded = outcome.Succeeded;
            return outcome;
        }
        finally
        {
            breaker.Leave(generation, succeeded);
            Told(breaker, before, default);
        }
    }

    private Outcome<T> Told(CircuitBreaker breaker, BreakerState before, Outcome<T> outcome)
    {
        if (breaker.State != before)
            runner.Meter?.BreakerChanged(breaker);
        return outcome;
    }

    private async Task<Outcome<T>> LimitAsync(Attempt attempt)
    {
        if (runner.Timeout <= TimeSpan.Zero)
            return Accumulated(await InvokeAsync(attempt, attempt.Token));
        using var timeout = new CancellationTokenSource(runner.Timeout, services.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, attempt.Token);
        var running = InvokeAsync(attempt with { Token = linked.Token }, attempt.Token);
        try
        {
            return Accumulated(await running.WaitAsync(linked.Token));
        }
        catch (Exception) when (linked.IsCancellationRequested)
        {
            _ = DiscardLateAsync(running);
            TellTimeout();
            attempt.Token.ThrowIfCancellationRequested();
            return new Outcome<T>(default, new PolicyTimeoutException());
        }
    }

    /// <summary>Ends with an outcome, or with <see cref="OperationCanceledException"/> where attempt or caller was cancelled.</summary>
    private async Task<Outcome<T>> InvokeAsync(Attempt attempt, CancellationToken caller)
    {
        try
        {
            return await operation(state, attempt);
        }
        catch (Exception exception) when (!attempt.Token.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            var failure = Failure.Of(exception);
            return new Outcome<T>(default, exception, failure.Code, failure.IsPermanent);
        }
    }

    private Outcome<T> Accumulated(Outcome<T> outcome)
    {
        if (outcome.Value is not null)
            hooks?.Accumulate?.Invoke(outcome.Value);
        return outcome;
    }

    private void TellTimeout()
    {
        if (_timedOut)
            return;
        _timedOut = true;
        runner.Meter?.TimeoutActivated();
    }

    /// <summary>Waits, unseen, for an attempt that nobody waits for any more, to free what it gave.</summary>
    private async Task DiscardLateAsync(Task<Outcome<T>> running)
    {
        try
        {
            var outcome = await running;
            if (outcome.Value is not null)
                hooks?.Discard?.Invoke(outcome.Value);
        }
        catch (Exception exception)
        {
            // The caller has its answer already: the timeout. What became of the attempt is of use in a debug log only.
            Log.OperationFailed(services.Logger, runner.Name, exception.Message);
        }
    }
}
