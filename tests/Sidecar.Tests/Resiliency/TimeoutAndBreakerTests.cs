using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class TimeoutAndBreakerTests
{
    private readonly Policies _policies = new();

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_cancelled_and_its_late_value_freed()
    {
        var runner = Store("timeouts:\n    slow: 5s", "timeout: slow");
        var answer = new TaskCompletionSource<Outcome<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var freed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken seen = default;

        var running = runner.RunAsync(
            0,
            (_, attempt) =>
            {
                seen = attempt.Token;
                return answer.Task;
            },
            default,
            new RunHooks<string> { Discard = freed.SetResult, Accumulate = _ => Assert.Fail("a late value is not accumulated") });
        _policies.Time.Advance(TimeSpan.FromSeconds(5));
        var outcome = await running;
        answer.SetResult(new Outcome<string>("late"));

        Assert.IsType<PolicyTimeoutException>(outcome.Error);
        Assert.Equal("context deadline exceeded", outcome.Error.Message);
        Assert.True(seen.IsCancellationRequested);
        Assert.Equal("late", await freed.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("timeout", Assert.Single(_policies.Metrics.Activations).Policy);
    }

    [Fact]
    public async Task An_operation_that_fails_because_it_was_cancelled_by_its_timeout_is_a_timeout()
    {
        var runner = Store("timeouts:\n    slow: 5s", "timeout: slow");

        var running = runner.RunAsync<int>(
            async token =>
            {
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _policies.Time, token);
                }
                catch (OperationCanceledException exception)
                {
                    throw new IOException("connection closed", exception);
                }

                return 1;
            },
            default);
        _policies.Time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<PolicyTimeoutException>(() => running);
    }

    [Fact]
    public async Task A_breaker_opens_after_more_than_five_failures_in_a_row_lets_one_trial_through_and_closes_on_its_success()
    {
        var runner = Store("circuitBreakers:\n    door: { timeout: 5s }", "circuitBreaker: door");
        for (var i = 0; i < 6; i++)
            await Assert.ThrowsAsync<IOException>(() => runner.RunAsync<int>(_ => throw new IOException(), default));

        var refused = await Assert.ThrowsAsync<CircuitBreakerException>(() => runner.RunAsync(_ => Task.FromResult(1), default));
        Assert.Equal("circuit breaker is open", refused.Message);
        Assert.Equal(BreakerState.Open, runner.Breaker!.State);

        _policies.Time.Advance(TimeSpan.FromSeconds(5.1));
        var trial = new TaskCompletionSource<int>();
        var running = runner.RunAsync(_ => trial.Task, default);
        var busy = await Assert.ThrowsAsync<CircuitBreakerException>(() => runner.RunAsync(_ => Task.FromResult(1), default));
        Assert.Equal("too many requests", busy.Message);
        trial.SetResult(7);

        Assert.Equal(7, await running);
        Assert.Equal(BreakerState.Closed, runner.Breaker.State);
        Assert.Equal(
            [
                "Circuit breaker \"door-store\" changed state from closed to open",
                "Circuit breaker \"door-store\" changed state from open to half-open",
                "Circuit breaker \"door-store\" changed state from half-open to closed",
            ],
            _policies.Logger.Lines.Where(line => line.StartsWith("Circuit", StringComparison.Ordinal)));
        Assert.Equal(["open", "closed"], _policies.Metrics.Activations.Select(use => use.Status));
    }

    [Fact]
    public async Task A_failed_trial_opens_the_breaker_again()
    {
        var runner = Store("circuitBreakers:\n    door: { timeout: 5s }", "circuitBreaker: door");
        for (var i = 0; i < 6; i++)
            await Assert.ThrowsAsync<IOException>(() => runner.RunAsync<int>(_ => throw new IOException(), default));
        _policies.Time.Advance(TimeSpan.FromSeconds(6));

        await Assert.ThrowsAsync<IOException>(() => runner.RunAsync<int>(_ => throw new IOException(), default));

        Assert.Equal(BreakerState.Open, runner.Breaker!.State);
    }

    [Fact]
    public async Task A_closed_breaker_forgets_its_failures_after_its_interval()
    {
        var runner = Store("circuitBreakers:\n    door: { interval: 10s }", "circuitBreaker: door");
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<IOException>(() => runner.RunAsync<int>(_ => throw new IOException(), default));
            if (i == 4)
                _policies.Time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal(BreakerState.Closed, runner.Breaker!.State);
    }

    [Fact]
    public async Task An_open_breaker_ends_the_retries()
    {
        var runner = Store("circuitBreakers:\n    door: { timeout: 5s }\n  retries:\n    again: { duration: 10ms, maxRetries: 20 }", "circuitBreaker: door\n      retry: again");
        var calls = 0;

        await Assert.ThrowsAsync<CircuitBreakerException>(() => _policies.FinishAsync(
            runner.RunAsync<int>(
                _ =>
                {
                    calls++;
                    throw new IOException();
                },
                default),
            TimeSpan.FromMilliseconds(10)));

        Assert.Equal(6, calls);
    }

    [Theory]
    [InlineData("consecutiveFailures >= 3", 3)]
    [InlineData("requests > 3 && totalFailures > 2", 4)]
    [InlineData("totalFailures + totalSuccesses == requests && requests == 2", 2)]
    [InlineData("unknown > 1", 0)]
    [InlineData("requests", 0)]
    public async Task A_breaker_opens_where_its_trip_is_true_and_never_where_that_fails_or_is_no_boolean(string trip, int failures)
    {
        var runner = Store($"circuitBreakers:\n    door: {{ trip: \"{trip}\" }}", "circuitBreaker: door");
        var calls = 0;

        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => runner.RunAsync<int>(
                _ =>
                {
                    calls++;
                    throw new IOException();
                },
                default));
        }

        Assert.Equal(failures == 0 ? 10 : failures, calls);
    }

    [Fact]
    public async Task Each_endpoint_of_an_app_has_a_breaker_of_its_own()
    {
        var provider = _policies.Provider("policies:\n  circuitBreakers:\n    door: { timeout: 5s }\ntargets:\n  apps:\n    server: { circuitBreaker: door }");
        for (var i = 0; i < 6; i++)
            await Assert.ThrowsAsync<IOException>(() => provider.ForAppEndpoint("server", "server:fail").RunAsync<int>(_ => throw new IOException(), default));

        Assert.Equal(BreakerState.Open, provider.ForAppEndpoint("server", "server:fail").Breaker!.State);
        Assert.Equal(1, await provider.ForAppEndpoint("server", "server:ok").RunAsync(_ => Task.FromResult(1), default));
        Assert.Equal(new PolicyUse("myresiliency", "", "circuitbreaker", "outbound", "app_server", "open"), _policies.Metrics.Uses[^2]);
    }

    private PolicyRunner Store(string policies, string outbound) =>
        _policies.Provider($"policies:\n  {policies}\ntargets:\n  components:\n    store:\n      outbound:\n        {outbound.Replace("\n      ", "\n        ", StringComparison.Ordinal)}").ForComponentOutbound("store", ComponentKind.Statestore);
}
