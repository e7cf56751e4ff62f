using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Gives out ports: the documented one where it is free, else one of the operating system's choice, with a notice.</summary>
internal sealed class Ports(bool free, Action<string> notice)
{
    private readonly HashSet<int> _given = [];

    public int Take(string owner, int preferred)
    {
        if (!free && preferred != 0 && !_given.Contains(preferred) && IsFree(preferred))
        {
            _given.Add(preferred);
            return preferred;
        }

        int port;
        do
        {
            port = AskSystem();
        }
        while (!_given.Add(port));
        if (!free && preferred != 0)
            notice($"port {preferred} ({owner}) is in use; using {port} instead.");
        return port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int AskSystem()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
