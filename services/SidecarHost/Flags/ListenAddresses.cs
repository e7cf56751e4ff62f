using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>Addresses to listen on as daprd's flags name them.</summary>
internal static class ListenAddresses
{
    private static IPAddress Every => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>A comma-separated list; all addresses of the machine where it is empty.</summary>
    public static IReadOnlyList<IPAddress> Many(string flag, string text) => [.. text.Split(',').Select(one => One(flag, one))];

    /// <summary>An address, a host name, or nothing for all addresses of the machine.</summary>
    public static IPAddress One(string flag, string text)
    {
        var host = text.Trim().TrimStart('[').TrimEnd(']');
        if (host.Length == 0)
            return Every;
        if (IPAddress.TryParse(host, out var address))
            return address;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        try
        {
            return Dns.GetHostAddresses(host)[0];
        }
        catch (Exception e) when (e is SocketException or ArgumentException or IndexOutOfRangeException)
        {
            throw new FlagException($"invalid value for '{flag}' option: found '{text}', which is no address ({e.Message}); expected an IP address or a host name of this machine");
        }
    }
}
