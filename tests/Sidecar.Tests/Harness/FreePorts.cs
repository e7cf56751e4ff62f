using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Ports for processes that must be told theirs.</summary>
internal static class FreePorts
{
    /// <summary>Ports that nobody listens on, all different.</summary>
    public static int[] Take(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }
}
