using System.Net.Sockets;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>The Unix sockets of both APIs (<c>--unix-domain-socket</c>), which stand in place of their ports.</summary>
internal static class ApiSockets
{
    /// <summary>Null where the API has a port.</summary>
    public static string? Http(SidecarOptions options) => Of(options, "http");

    /// <summary>Null where the API has a port.</summary>
    public static string? Grpc(SidecarOptions options) => Of(options, "grpc");

    /// <summary>A sidecar that was killed leaves its socket behind, which nobody could bind again. One that is listened on stays.</summary>
    public static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    private static string? Of(SidecarOptions options, string api) =>
        options.UnixSocketFolder is { } folder ? Path.Combine(folder, $"dapr-{options.AppId}-{api}.socket") : null;
}
