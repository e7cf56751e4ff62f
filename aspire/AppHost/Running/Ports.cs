using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Gives out ports: the documented one where it is free, else any free one, with a notice.</summary>
internal sealed class Ports(bool free, Action<string> notice)
{
    private const int LowestPort = 15_000;
    private const int HighestPort = 32_000;
    private const int MostDraws = 1_000;

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

    /// <summary>
    /// A free port below the range from which systems take ports for outgoing connections (32768 and up on Linux),
    /// so that no connection of another program takes it before we listen.
    /// </summary>
    private static int AskSystem()
    {
        for (var attempt = 0; attempt < MostDraws; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(LowestPort, HighestPort);
            if (IsFree(port))
                return port;
        }

        throw new RealTimeMeshException($"ports {LowestPort} to {HighestPort}: found none free in {MostDraws} draws; expected a free one on the loopback interface. Stop what takes them.");
    }
}
