using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>
/// Takes the port for other sidecars before components start: the system could give its number to one of their connections
/// otherwise, and the sidecar could not open it later.
/// </summary>
internal sealed class InternalPort(SidecarOptions options) : IHostedLifecycleService, IDisposable
{
    private Socket? _socket;

    /// <summary>A socket for the server to listen on: the one that was taken where it is asked for, else a new one.</summary>
    public Socket Bind(EndPoint address) =>
        address.Equals(Address) && Interlocked.Exchange(ref _socket, null) is { } taken ? taken : SocketTransportOptions.CreateDefaultBoundListenSocket(address);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (Address is not { } address)
            return Task.CompletedTask;
        try
        {
            _socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
            _socket.Listen();
        }
        catch (SocketException)
        {
            // The server meets the same fault when it opens the port, and tells of it.
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _socket?.Dispose();

    /// <summary>Null where there is no such port, or any will do.</summary>
    private IPEndPoint? Address => options.InternalGrpcPort is { } port and > 0 ? new IPEndPoint(options.InternalGrpcListenAddress, port) : null;
}
