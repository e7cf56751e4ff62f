using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RealTimeMesh.Sidecar;

/// <summary>The ports a started sidecar listens on: those asked for, or those the operating system chose for 0. A service of the application.</summary>
public sealed class SidecarPorts
{
    private ListenOptions? _http;
    private ListenOptions? _grpc;

    /// <summary>Port of the HTTP API. Throws before the sidecar is built.</summary>
    public int Http => Port(_http);

    /// <summary>Port of the gRPC API. Throws before the sidecar is built.</summary>
    public int Grpc => Port(_grpc);

    internal void Bind(ListenOptions http, ListenOptions grpc) => (_http, _grpc) = (http, grpc);

    private static int Port(ListenOptions? options) =>
        options?.IPEndPoint?.Port ?? throw new InvalidOperationException("the sidecar is not started; expected its ports to be read after StartAsync");
}
