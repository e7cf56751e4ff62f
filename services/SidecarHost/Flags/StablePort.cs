using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>The port for other sidecars where none is given: the same after a restart, as others may remember it.</summary>
internal static class StablePort
{
    private const int First = 47300;
    private const int Count = 2048;

    /// <summary>A port that depends on the app's id and is free now; 0, which asks the operating system, where it is taken.</summary>
    public static int For(string appId)
    {
        // FNV-1a over what tells one app of one machine from another.
        var hash = 2166136261;
        foreach (var value in Encoding.UTF8.GetBytes($"{appId}\n{Environment.MachineName}\n{Environment.CurrentDirectory}"))
            hash = unchecked((hash ^ value) * 16777619);
        var port = First + (int)(hash % Count);
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return port;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
