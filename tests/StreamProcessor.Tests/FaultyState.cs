using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor.Tests;

/// <summary>State that fails where the test says so, before anything is stored.</summary>
internal sealed class FaultyState(IStreamState inner) : IStreamState
{
    /// <summary>Says from all that a transaction holds, as text, how it fails; null for not.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    public int Failed { get; private set; }

    /// <summary>Puts itself before the store of the service.</summary>
    public static FaultyState Into(IServiceCollection services)
    {
        var state = new FaultyState(null!);
        var original = services.Last(service => service.ServiceType == typeof(IStreamState));
        services.Remove(original);
        services.AddSingleton<IStreamState>(provider => state.Over((IStreamState)original.ImplementationFactory!(provider)));
        return state;
    }

    public Task<IReadOnlyList<StoredState?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public Task<StateCommit> CommitAsync(IReadOnlyList<StateChange> changes, CancellationToken cancellationToken)
    {
        var text = string.Join('\n', changes.Select(change => $"{change.Key} {Encoding.UTF8.GetString(change.Value.Span)}"));
        if (Fault(text) is not { } fault)
            return inner.CommitAsync(changes, cancellationToken);
        Failed++;
        return Task.FromException<StateCommit>(fault);
    }

    private FaultyState Over(IStreamState store)
    {
        inner = store;
        return this;
    }
}
