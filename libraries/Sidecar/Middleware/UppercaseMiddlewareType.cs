using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary><c>middleware.http.uppercase</c>: bodies in upper case, to see that middleware runs.</summary>
public sealed class UppercaseMiddlewareType : IComponentType
{
    public string Name => "middleware.http.uppercase";

    /// <summary><c>direction</c>: <c>request</c> (the default, for unknown words too), <c>response</c> or <c>both</c>.</summary>
    public IReadOnlyList<ComponentSetting> Settings { get; } = [new("direction")];

    public Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var direction = spec.Text("direction", "").ToUpperInvariant();
        return Task.FromResult<IAsyncDisposable>(new UppercaseMiddleware(direction != "RESPONSE", direction is "RESPONSE" or "BOTH"));
    }
}
