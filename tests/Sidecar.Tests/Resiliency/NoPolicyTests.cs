using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

public sealed class NoPolicyTests
{
    private readonly Policies _policies = new();

    [Fact]
    public async Task An_operation_without_policies_is_the_operation_itself()
    {
        var runner = _policies.Provider("targets: {}").ForComponentOutbound("pubsub", ComponentKind.Pubsub);
        var task = Task.FromResult(1);

        var returned = runner.RunAsync(task, static (task, _) => task, default);

        Assert.Same(task, returned);
        Assert.Equal(1, await returned);
    }

    [Fact]
    public void Targets_without_policies_are_found_without_an_allocation()
    {
        var provider = _policies.Provider("targets: {}");
        Assert.True(provider.ForComponentOutbound("pubsub", ComponentKind.Pubsub).IsNone);
        Assert.True(provider.ForAppEndpoint("app", "app:method").IsNone);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            provider.ForComponentOutbound("pubsub", ComponentKind.Pubsub);
            provider.ForAppEndpoint("app", "app:method");
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public async Task A_closing_caller_gets_the_last_outcome_instead_of_another_attempt()
    {
        var runner = _policies.Provider("policies:\n  retries: { again: { duration: 1h } }\ntargets:\n  components:\n    pubsub: { inbound: { retry: again } }").ForComponentInbound("pubsub", ComponentKind.Pubsub);
        using var closing = new CancellationTokenSource();

        var running = runner.RunAsync(0, static (_, attempt) => Task.FromResult(new Outcome<int>(attempt.Number, new IOException())), default, new RunHooks<int> { Closing = closing.Token });
        await closing.CancelAsync();
        var outcome = await running;

        Assert.Equal(1, outcome.Value);
        Assert.IsType<IOException>(outcome.Error);
    }
}
