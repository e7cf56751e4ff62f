using Microsoft.AspNetCore.Builder;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar;

/// <summary>A Dapr sidecar as an ASP.NET application: the public door of this library.</summary>
public static class SidecarApp
{
    /// <summary>
    /// Builds a sidecar over started components. Start it with <c>StartAsync</c>: it serves its API at once,
    /// asks the app for its subscriptions as soon as the app answers, and is ready (<c>/v1.0/healthz</c> 204) once these are active.
    /// Components are shared and are not disposed by the sidecar.
    /// </summary>
    public static WebApplication Build(SidecarOptions options, IReadOnlyList<SidecarComponent> components, TimeProvider time) => throw new NotImplementedException();
}

/// <summary>A started component as this sidecar sees it: an <see cref="IPubSubBroker"/> or an <see cref="IStateStore"/>.</summary>
public sealed record SidecarComponent(ComponentSpec Spec, IAsyncDisposable Instance);
