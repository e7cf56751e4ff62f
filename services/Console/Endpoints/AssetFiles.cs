using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Style, script and icon, out of the assembly: there when the app runs in another program or from another folder.</summary>
internal sealed class AssetFiles
{
    private const string Prefix = "assets/";

    private readonly Dictionary<string, Asset> _assets = new(StringComparer.Ordinal);

    public AssetFiles()
    {
        var assembly = typeof(AssetFiles).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            _assets[resource[Prefix.Length..]] = new Asset(bytes, ContentType(resource), Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
        }
    }

    /// <summary>Address of an asset; it changes with the content, so that browsers may keep it for ever.</summary>
    public string Url(string name) => $"/assets/{name}?v={_assets[name].Version}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/assets/{name}", Get);
        routes.MapGet("/favicon.ico", (HttpContext context) => Get("favicon.svg", context));
    }

    private IResult Get(string name, HttpContext context)
    {
        if (!_assets.TryGetValue(name, out var asset))
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = context.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"asset '{name}': no content type for its extension"),
    };

    private sealed record Asset(byte[] Bytes, string ContentType, string Version);
}
