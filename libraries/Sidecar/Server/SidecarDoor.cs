using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>The ports of a sidecar. Each connection carries the one it came through as a <see cref="DoorFeature"/>.</summary>
internal enum SidecarDoor
{
    Http,
    Grpc,
    Public,
    Metrics,
    Profile,
    InternalGrpc,
}

/// <summary>Which port a connection came through, and what the connection itself carries.</summary>
internal sealed record DoorFeature(SidecarDoor Door, IFeatureCollection Connection);
