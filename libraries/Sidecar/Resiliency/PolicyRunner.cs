using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>What a runner shares with all others.</summary>
internal sealed record RunnerServices(TimeProvider Time, LockedRandom Random, ILogger Logger);

/// <summary>
/// Runs operations under a retry policy around a circuit breaker around a timeout, each of which may be absent.
/// An attempt that exceeds its timeout is cancelled and not waited for: what it uses must be its own.
/// </summary>
internal sealed class PolicyRunner
{
    private readonly RunnerServices? _services;

    private PolicyRunner(string name) => Name = name;

    public PolicyRunner(string name, TimeSpan timeout, RetryPolicy? retry, CircuitBreaker? breaker, PolicyMeter? meter, RunnerServices services)
        : this(name)
    {
        Timeout = timeout;
        Retry = retry;
        Breaker = breaker;
        Meter = meter;
        _services = services;
    }

    /// <summary>Runs operations as they are.</summary>
    public static PolicyRunner None { get; } = new("");

    public string Name { get; }

    /// <summary>True where there is nothing to apply: call the operation yourself, at no cost.</summary>
    public bool IsNone => Timeout <= TimeSpan.Zero && Retry is null && Breaker is null;

    /// <summary>True where an operation may run more than once, and its request must be repeatable.</summary>
    public bool HasRetries => Retry is { MaxRetries: not 0 };

    /// <summary>Zero or less: none.</summary>
    public TimeSpan Timeout { get; }

    public RetryPolicy? Retry { get; }

    public CircuitBreaker? Breaker { get; }

    internal PolicyMeter? Meter { get; }

    /// <summary>Runs an operation whose failures are exceptions, and throws the last one.</summary>
    /// <param name="classify">What a failure means; null takes <see cref="Failure.Of"/>.</param>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken, Func<Exception, Failure>? classify = null) =>
        RunAsync(operation, static (run, token) => run(token), cancellationToken, classify);

    /// <inheritdoc cref="RunAsync{T}(Func{CancellationToken, Task{T}}, CancellationToken, Func{Exception, Failure})"/>
    /// <param name="state">Handed to the operation, so that it needs no closure.</param>
    public Task<T> RunAsync<TState, T>(TState state, Func<TState, CancellationToken, Task<T>> operation, CancellationToken cancellationToken, Func<Exception, Failure>? classify = null) =>
        IsNone ? operation(state, cancellationToken) : RunThrowingAsync(state, operation, classify, cancellationToken);

    /// <summary>
    /// Runs an operation that tells its failures as values, and returns the last outcome. Exceptions it throws are failures too.
    /// Throws <see cref="OperationCanceledException"/> where the caller cancels.
    /// </summary>
    public async Task<Outcome<T>> RunAsync<TState, T>(TState state, Func<TState, Attempt, Task<Outcome<T>>> operation, CancellationToken cancellationToken, RunHooks<T>? hooks = null)
    {
        if (!IsNone)
            return await new PolicyRun<TState, T>(this, _services!, state, operation, hooks).RunAsync(cancellationToken);
        var outcome = await operation(state, new Attempt(1, cancellationToken));
        hooks?.Accumulate?.Invoke(outcome.Value!);
        return outcome;
    }

    private async Task<T> RunThrowingAsync<TState, T>(TState state, Func<TState, CancellationToken, Task<T>> operation, Func<Exception, Failure>? classify, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync(
            (state, operation, classify),
            static async (call, attempt) =>
            {
                try
                {
                    return new Outcome<T>(await call.operation(call.state, attempt.Token));
                }
                catch (Exception exception) when (!attempt.Token.IsCancellationRequested)
                {
                    var failure = call.classify?.Invoke(exception) ?? Failure.Of(exception);
                    return new Outcome<T>(default, exception, failure.Code, failure.IsPermanent);
                }
            },
            cancellationToken);
        if (outcome.Error is not null)
            ExceptionDispatchInfo.Throw(outcome.Error);
        return outcome.Value!;
    }
}
