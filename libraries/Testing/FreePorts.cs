using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Testing;

/// <summary>Ports for processes that must be told theirs: below those that outgoing connections take, each given once.</summary>
public static class FreePorts
{
    private const int First = 12_000;
    private const int Last = 31_999;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    // Another test process begins elsewhere.
    private static int _next = First + (Environment.ProcessId * 997 % (Last - First));

    /// <summary>A port that nobody listens on.</summary>
    public static int Next() => Take(1)[0];

    /// <summary>Ports that nobody listens on, all different.</summary>
    public static int[] Take(int count)
    {
        var ports = new int[count];
        lock (Gate)
        {
            for (var i = 0; i < count; i++)
            {
                do
                    _next = _next < Last ? _next + 1 : First;
                while (Given.Contains(_next) || !IsFree(_next));
                Given.Add(ports[i] = _next);
            }
        }

        return ports;
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
