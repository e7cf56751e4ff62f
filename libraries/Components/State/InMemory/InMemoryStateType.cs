namespace RealTimeMesh.Components;

/// <summary><c>state.in-memory</c>: a store in memory, for tests and trials. Each started component is a store of its own.</summary>
public sealed class InMemoryStateType : IComponentType
{
    public string Name => "state.in-memory";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("keyPrefix"),
        new("actorStateStore", Check: SettingChecks.Boolean),
    ];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(new InMemoryStateStore(context.Time));
}
