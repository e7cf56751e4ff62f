using System.Net;
using System.Net.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Ingestion.Warming;

/// <summary>Requests over this service's own port, to a stream that can't exist: what the web server does for each request is the same.</summary>
internal sealed class SelfRequests(IServer server)
{
    private const string Path = "/v1/streams/-/events";

    /// <summary>Sends requests one after the other; none where there is no address of plain HTTP.</summary>
    public async Task PostAsync(int count, CancellationToken cancellationToken)
    {
        if (Address() is not { } address)
            return;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        for (var i = 0; i < count; i++)
        {
            using var content = new ByteArrayContent([]);
            using var response = await client.PostAsync(Path, content, cancellationToken);
            if (response.StatusCode != HttpStatusCode.NotFound)
                throw new HttpRequestException($"POST {Path}: found {(int)response.StatusCode}; expected {StatusCodes.Status404NotFound}", null, response.StatusCode);
        }
    }

    /// <summary>The first address of plain HTTP on this machine; what has another kind of name is no port of the system.</summary>
    private Uri? Address()
    {
        foreach (var text in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
                continue;
            if (address.IsLoopback)
                return address;
            if (!IPAddress.TryParse(address.DnsSafeHost, out var ip))
                continue;
            var any = ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);
            return any ? new UriBuilder(address) { Host = ip.Equals(IPAddress.Any) ? "127.0.0.1" : "[::1]" }.Uri : address;
        }

        return null;
    }
}
