using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class RetryTests
{
    private const string ConstantOutbound = """
        policies:
          retries:
            again:
              policy: constant
              duration: 10ms
              maxRetries: 3
              matching:
                httpStatusCodes: "429,500-599"
                gRPCStatusCodes: "14"
        targets:
          components:
            pubsub:
              outbound:
                retry: again
        """;

    private readonly Policies _policies = new();
    private int _calls;

    [Fact]
    public async Task An_operation_that_keeps_failing_runs_once_and_then_as_often_as_maxRetries_says()
    {
        var runner = Outbound(ConstantOutbound);

        var error = await Assert.ThrowsAsync<IOException>(() => Finish(runner.RunAsync<int>(_ => throw Failed(), default)));

        Assert.Equal("attempt 4", error.Message);
        Assert.Equal(4, _calls);
        Assert.Equal(["Error processing operation component[pubsub] output. Retrying in 10ms…"], _policies.Logger.At(LogLevel.Warning));
        Assert.Equal(["Error for operation component[pubsub] output was: attempt 1"], _policies.Logger.At(LogLevel.Debug));
    }

    [Fact]
    public async Task An_operation_that_succeeds_in_the_end_gives_its_value_and_is_told_to_have_recovered()
    {
        var runner = Outbound(ConstantOutbound);

        var value = await Finish(runner.RunAsync(_ => ++_calls < 3 ? throw new IOException() : Task.FromResult(_calls), default));

        Assert.Equal(3, value);
        Assert.Contains("Recovered processing operation component[pubsub] output after 3 attempts", _policies.Logger.At(LogLevel.Information));
        Assert.Equal("retry", Assert.Single(_policies.Metrics.Activations).Policy);
    }

    [Theory]
    [InlineData(503, 4)]
    [InlineData(429, 4)]
    [InlineData(400, 1)]
    [InlineData(14, 4)]
    [InlineData(9, 1)]
    [InlineData(700, 1)]
    public async Task A_failure_with_a_status_is_repeated_where_matching_names_it(int code, int calls)
    {
        var runner = Outbound(ConstantOutbound);

        await Assert.ThrowsAsync<StatusCodeException>(() => Finish(runner.RunAsync<int>(
            _ =>
            {
                _calls++;
                throw new StatusCodeException(code, "status");
            },
            default)));

        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task Without_matching_every_status_is_repeated()
    {
        var runner = Outbound(ConstantOutbound.Replace("httpStatusCodes: \"429,500-599\"", "", StringComparison.Ordinal));

        var outcome = await Finish(runner.RunAsync(this, static (test, attempt) => Task.FromResult(new Outcome<int>(test.Count(attempt), new IOException(), 400)), default));

        Assert.Equal(4, outcome.Value);
        Assert.NotNull(outcome.Error);
    }

    [Fact]
    public async Task A_permanent_failure_is_not_repeated()
    {
        var runner = Outbound(ConstantOutbound);

        await Assert.ThrowsAsync<IOException>(() => runner.RunAsync<int>(_ => throw Failed(), default, _ => Failure.Permanent));

        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_waiting_for_the_next_attempt()
    {
        var runner = Outbound(ConstantOutbound.Replace("10ms", "1h", StringComparison.Ordinal));
        using var caller = new CancellationTokenSource();

        var running = runner.RunAsync<int>(_ => throw Failed(), caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_retry_that_sets_no_limit_has_none()
    {
        var runner = Outbound(ConstantOutbound.Replace("maxRetries: 3", "", StringComparison.Ordinal));

        Assert.Equal(500, await Finish(runner.RunAsync(_ => ++_calls < 500 ? throw new IOException() : Task.FromResult(_calls), default)));
    }

    [Fact]
    public async Task An_exponential_policy_grows_its_pauses_around_their_interval_up_to_the_longest_and_ends_after_fifteen_minutes()
    {
        var runner = Outbound("""
            policies:
              retries:
                again:
                  policy: exponential
                  maxInterval: 15s
            targets:
              components:
                pubsub:
                  outbound:
                    retry: again
            """);
        var starts = new List<TimeSpan>();
        var begun = _policies.Time.GetTimestamp();

        await Assert.ThrowsAsync<IOException>(() => _policies.FinishAsync(
            runner.RunAsync<int>(
                _ =>
                {
                    starts.Add(_policies.Time.GetElapsedTime(begun));
                    throw Failed();
                },
                default),
            TimeSpan.FromMilliseconds(50)));

        var pauses = starts.Zip(starts.Skip(1), (first, second) => (second - first).TotalMilliseconds).ToArray();
        Assert.InRange(pauses[0], 250, 800);
        Assert.InRange(pauses[1], 375, 1175);
        Assert.All(pauses, pause => Assert.InRange(pause, 250, 22_550));
        Assert.InRange(pauses[10..].Average(), 12_000, 18_000);
        Assert.InRange(starts[^1].TotalMinutes, 14, 15);
    }

    [Fact]
    public async Task Values_of_repeated_attempts_are_freed_and_the_last_one_is_handed_back()
    {
        var runner = Outbound(ConstantOutbound);
        var (accumulated, discarded) = (new List<string>(), new List<string>());
        var hooks = new RunHooks<string> { Accumulate = accumulated.Add, Discard = discarded.Add };

        var outcome = await Finish(runner.RunAsync(this, static (_, attempt) => Task.FromResult(new Outcome<string>($"{attempt.Number}", new IOException())), default, hooks));

        Assert.Equal("4", outcome.Value);
        Assert.Equal(["1", "2", "3", "4"], accumulated);
        Assert.Equal(["1", "2", "3"], discarded);
    }

    private PolicyRunner Outbound(string spec) => _policies.Provider(spec).ForComponentOutbound("pubsub", ComponentKind.Pubsub);

    private Task<T> Finish<T>(Task<T> task) => _policies.FinishAsync(task, TimeSpan.FromMilliseconds(10));

    private IOException Failed() => new($"attempt {++_calls}");

    private int Count(Attempt attempt)
    {
        _calls++;
        Assert.Equal(_calls, attempt.Number);
        return _calls;
    }
}
