using System.Net;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Console.Security;

/// <summary>Whom the console lets in, decided from where it listens.</summary>
/// <param name="LoopbackOnly">Reached from this machine alone.</param>
/// <param name="Token">What a browser must bring; null for nothing.</param>
internal sealed record AccessOptions(bool LoopbackOnly, string? Token)
{
    /// <summary>Throws where the console would listen beyond loopback without a token.</summary>
    public static AccessOptions From(IConfiguration configuration, ConsoleOptions options)
    {
        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        // Kestrel's other ways to name a port all mean every interface.
        foreach (var name in (string[])["http_ports", "https_ports"])
        {
            if (addresses.Count == 0 && configuration[name] is { Length: > 0 } ports)
                addresses.AddRange(ports.Split(';').Select(port => $"http://*:{port}"));
        }

        addresses.AddRange(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "http://*"));
        var open = addresses.Find(address => !IsLoopback(address));
        if (open is not null && options.Token is null)
        {
            throw new ConfigurationException([new ConfigurationFault(
                "settings", 0, "MESH_CONSOLE_TOKEN", $"nothing, while the console listens on {open}", "a token of your own where it listens beyond this machine",
                "Set MESH_CONSOLE_TOKEN, or listen on http://127.0.0.1.")]);
        }

        return new AccessOptions(open is null, options.Token);
    }

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLoopback(string address)
    {
        var host = address.Split("://") is [_, var rest] ? rest.Split('/')[0] : address;
        var colon = host.LastIndexOf(':');
        if (colon > host.LastIndexOf(']'))
            host = host[..colon];
        return IsLoopbackHost(host);
    }
}
