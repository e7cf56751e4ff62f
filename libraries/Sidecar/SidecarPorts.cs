using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RealTimeMesh.Sidecar.Server;

namespace RealTimeMesh.Sidecar;

/// <summary>The ports a started sidecar listens on: those asked for, or those the operating system chose for 0. A service of the application.</summary>
public sealed class SidecarPorts
{
    private readonly ConcurrentDictionary<SidecarDoor, ListenOptions> _doors = new();

    /// <summary>Port of the HTTP API. Throws before the sidecar is built.</summary>
    public int Http => Port(SidecarDoor.Http);

    /// <summary>Port of the gRPC API. Throws before the sidecar is built.</summary>
    public int Grpc => Port(SidecarDoor.Grpc);

    /// <summary>Port of health and metadata. Throws where the sidecar has none.</summary>
    public int Public => Port(SidecarDoor.Public);

    /// <summary>Port of the metrics. Throws where the sidecar has none.</summary>
    public int Metrics => Port(SidecarDoor.Metrics);

    /// <summary>Port for other sidecars. Throws where the sidecar has none.</summary>
    public int InternalGrpc => Port(SidecarDoor.InternalGrpc);

    internal void Bind(SidecarDoor door, ListenOptions options) => _doors.TryAdd(door, options);

    private int Port(SidecarDoor door) =>
        _doors.TryGetValue(door, out var options) && options.IPEndPoint is { } endpoint
            ? endpoint.Port
            : throw new InvalidOperationException($"the sidecar listens on no {door} port; expected one of its options, read after StartAsync");
}
