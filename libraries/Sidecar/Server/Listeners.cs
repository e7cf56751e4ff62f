using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>Opens the sidecar's ports.</summary>
internal static class Listeners
{
    public static void Listen(KestrelServerOptions kestrel, SidecarOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = options.ReadBufferBytes;
        kestrel.Limits.MaxRequestLineSize = options.ReadBufferBytes;
        // As daprd; the default is three times that.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // Bulk messages are megabytes: with the default windows each would wait for its own acknowledgements.
        kestrel.Limits.Http2.InitialStreamWindowSize = 8 * 1024 * 1024;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        var ports = kestrel.ApplicationServices.GetRequiredService<SidecarPorts>();
        var open = kestrel.ApplicationServices.GetRequiredService<OpenConnections>();
        var clearText = kestrel.ApplicationServices.GetRequiredService<ClearTextHttp2>();

        // The gRPC API first: its pipeline also serves the HTTP/2 connections of the HTTP API.
        OpenApi(SidecarDoor.Grpc, ApiSockets.Grpc(options), options.GrpcPort, HttpProtocols.Http2);
        OpenApi(SidecarDoor.Http, ApiSockets.Http(options), options.HttpPort, HttpProtocols.Http1);
        if (options.PublicPort is { } publicPort)
            Open(SidecarDoor.Public, options.PublicListenAddress, publicPort, HttpProtocols.Http1);
        if (options.MetricsPort is { } metricsPort)
            Open(SidecarDoor.Metrics, options.MetricsListenAddress, metricsPort, HttpProtocols.Http1);
        if (options.ProfilePort is { } profilePort)
            Open(SidecarDoor.Profile, IPAddress.Loopback, profilePort, HttpProtocols.Http1);
        if (options.InternalGrpcPort is { } internalPort)
            Open(SidecarDoor.InternalGrpc, options.InternalGrpcListenAddress, internalPort, HttpProtocols.Http2);

        void OpenApi(SidecarDoor door, string? socket, int port, HttpProtocols protocols)
        {
            if (socket is null)
            {
                foreach (var address in options.ListenAddresses)
                    Open(door, address, port, protocols);
                return;
            }

            ApiSockets.RemoveStale(socket);
            kestrel.ListenUnixSocket(socket, listen => Set(door, listen, protocols));
        }

        void Open(SidecarDoor door, IPAddress address, int port, HttpProtocols protocols) => kestrel.Listen(address, port, listen => Set(door, listen, protocols));

        void Set(SidecarDoor door, ListenOptions listen, HttpProtocols protocols)
        {
            listen.Protocols = protocols;
            ports.Bind(door, listen);
            listen.Use(next => connection =>
            {
                connection.Features.Set(new DoorFeature(door, connection.Features));
                return next(connection);
            });
            listen.Use(open.Connections);
            if (door == SidecarDoor.Grpc)
                listen.Use(clearText.Offer);
            else if (door == SidecarDoor.Http)
                listen.Use(clearText.Accept);
        }
    }
}
