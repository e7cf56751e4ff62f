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
        // Bulk messages are megabytes: with the default windows each would wait for its own acknowledgements.
        kestrel.Limits.Http2.InitialStreamWindowSize = 8 * 1024 * 1024;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        var ports = kestrel.ApplicationServices.GetRequiredService<SidecarPorts>();
        var clearText = kestrel.ApplicationServices.GetRequiredService<ClearTextHttp2>();

        // The gRPC port first: its pipeline also serves the HTTP/2 connections of the HTTP port.
        foreach (var address in options.ListenAddresses)
            Open(SidecarDoor.Grpc, address, options.GrpcPort, HttpProtocols.Http2);
        foreach (var address in options.ListenAddresses)
            Open(SidecarDoor.Http, address, options.HttpPort, HttpProtocols.Http1);
        if (options.PublicPort is { } publicPort)
            Open(SidecarDoor.Public, options.PublicListenAddress, publicPort, HttpProtocols.Http1);
        if (options.MetricsPort is { } metricsPort)
            Open(SidecarDoor.Metrics, options.MetricsListenAddress, metricsPort, HttpProtocols.Http1);
        if (options.ProfilePort is { } profilePort)
            Open(SidecarDoor.Profile, IPAddress.Loopback, profilePort, HttpProtocols.Http1);
        if (options.InternalGrpcPort is { } internalPort)
            Open(SidecarDoor.InternalGrpc, options.InternalGrpcListenAddress, internalPort, HttpProtocols.Http2);

        void Open(SidecarDoor door, IPAddress address, int port, HttpProtocols protocols) => kestrel.Listen(address, port, listen =>
        {
            listen.Protocols = protocols;
            ports.Bind(door, listen);
            listen.Use(next => connection =>
            {
                connection.Features.Set(new DoorFeature(door, connection.Features));
                return next(connection);
            });
            if (door == SidecarDoor.Grpc)
                listen.Use(clearText.Offer);
            else if (door == SidecarDoor.Http)
                listen.Use(clearText.Accept);
        });
    }
}
