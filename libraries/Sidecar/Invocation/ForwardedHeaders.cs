using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary><c>X-Forwarded-*</c> and <c>Forwarded</c> (RFC 7239) of calls that leave this host's sidecar.</summary>
internal sealed class ForwardedHeaders
{
    private readonly string _address = Address();
    private readonly string _name = Dns.GetHostName();

    public void AddTo(InvokeMetadata metadata)
    {
        metadata.Append("X-Forwarded-For", _address);
        metadata.Append("X-Forwarded-Host", _name);
        var quoted = _address.Contains(':') ? $"\"[{_address}]\"" : _address;
        metadata.Append("Forwarded", $"for={quoted};by={quoted};host={_name}");
    }

    /// <summary>The first address of this host that is not its loopback.</summary>
    private static string Address()
    {
        try
        {
            foreach (var address in NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses))
            {
                if (address.Address.AddressFamily == AddressFamily.InterNetwork)
                    return address.Address.ToString();
            }
        }
        catch (NetworkInformationException)
        {
            // A sandbox may forbid the question; the header then tells what is known.
        }

        return IPAddress.Loopback.ToString();
    }
}
