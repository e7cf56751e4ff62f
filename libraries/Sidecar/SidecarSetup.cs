using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Configurations;
using RealTimeMesh.Sidecar.Invocation.Names;

namespace RealTimeMesh.Sidecar;

/// <summary>What a sidecar is built of.</summary>
public sealed record SidecarSetup
{
    public required SidecarOptions Options { get; init; }

    /// <summary>Started components of the caller, who disposes them after the sidecar.</summary>
    public IReadOnlyList<SidecarComponent> Components { get; init; } = [];

    /// <summary>Resource files that the sidecar reads, watches and owns; null where it has none.</summary>
    public SidecarResources? Resources { get; init; }

    /// <summary>What <c>--config</c> files say; a service of the sidecar. Default: that of a process without any.</summary>
    public SidecarConfiguration Configuration { get; init; } = new();

    /// <summary>How the sidecars of other apps are found; null knows this one alone. Sidecars of one process share an <see cref="InProcessNames"/>.</summary>
    public INameResolver? Names { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Ends the process at once, for a forced shutdown through the API. Null: such a request ends the sidecar like any other.</summary>
    public Action? ForceExit { get; init; }

    /// <summary>Where logs go; null writes warnings, and information of this platform, to the console.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }
}

/// <summary>Resource files of a sidecar and what its components are made with.</summary>
public sealed record SidecarResources
{
    /// <summary><c>--resources-path</c>, each a folder or file.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The types that components may have.</summary>
    public required ComponentTypeRegistry Types { get; init; }

    /// <summary>Folder under which relative paths of embedded components lie.</summary>
    public string DataPath { get; init; } = "";

    /// <summary>Whether changed files take effect while the sidecar runs (feature <c>HotReload</c>).</summary>
    public bool HotReload { get; init; } = true;

    /// <summary>How often all files are read again in case a change was not noticed.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Builds the sidecar anew, for changed files of kinds that take effect only so (Configuration, HTTPEndpoint, Resiliency).
    /// Null: they take effect when the sidecar is next built.
    /// </summary>
    public Action? RequestRestart { get; init; }

    /// <summary><c>NAMESPACE</c>: resources of other namespaces are left out. Null where namespaces do not count.</summary>
    public string? Namespace { get; init; }

    /// <summary>Environment variables by name, for secret references.</summary>
    public Func<string, string?> Environment { get; init; } = _ => null;
}

/// <summary>A started component as this sidecar sees it: an <see cref="IPubSubBroker"/>, an <see cref="IStateStore"/>, a secret store.</summary>
public sealed record SidecarComponent(ComponentSpec Spec, IAsyncDisposable Instance);
