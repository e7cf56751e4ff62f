using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>
/// <c>pubsub.in-memory</c>, as daprd's: a bus inside the process, for tests and trials. Each subscription gets a copy of
/// what is published while it is there; nothing is kept and nothing comes again. Each started component is a bus of its own.
/// </summary>
public sealed class InMemoryPubSubType : IComponentType
{
    public string Name => "pubsub.in-memory";

    public IReadOnlyList<ComponentSetting> Settings { get; } = [new("consumerID")];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(new InMemoryBus(context.Time, context.Logs.CreateLogger("RealTimeMesh.Components.InMemory")));
}
