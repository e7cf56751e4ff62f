using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.ObjectStores.Tests.S3;

/// <summary>Checks requests as S3 does: AWS Signature Version 4 in the Authorization header, and the hash of the body.</summary>
internal static class S3Signature
{
    /// <summary>The error code of a request that is not signed as it must be; null where it is.</summary>
    public static string? FaultOf(HttpRequest request, byte[] body, string accessKey, string secretKey)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
            return "AccessDenied";
        var parts = header["AWS4-HMAC-SHA256 ".Length..].Split(',').Select(part => part.Trim().Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var scope = parts["Credential"].Split('/', 2);
        if (scope[0] != accessKey)
            return "InvalidAccessKeyId";
        var hash = request.Headers["x-amz-content-sha256"].ToString();
        if (hash != "UNSIGNED-PAYLOAD" && hash != Hex(SHA256.HashData(body)))
            return "XAmzContentSHA256Mismatch";
        var signed = parts["SignedHeaders"].Split(';');
        if (!signed.Contains("host") || !request.Headers.Where(item => item.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)).All(item => signed.Contains(item.Key.ToLowerInvariant())))
            return "AccessDenied";
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query = target.Length == 1 ? [] : target[1].Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (Name: Encoded(pair[0]), Value: Encoded(pair.Length == 1 ? "" : pair[1])));
        var canonical = string.Join('\n',
        [
            request.Method,
            target[0],
            string.Join('&', query.OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}")),
            .. signed.Select(name => $"{name}:{string.Join(' ', request.Headers[name].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))}"),
            "",
            parts["SignedHeaders"],
            hash,
        ]);
        var time = request.Headers["x-amz-date"].ToString();
        if (!DateTimeOffset.TryParseExact(time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || (TimeProvider.System.GetUtcNow() - at).Duration() > TimeSpan.FromMinutes(15))
            return "RequestTimeTooSkewed";
        var fields = scope[1].Split('/');
        var text = $"AWS4-HMAC-SHA256\n{time}\n{scope[1]}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = fields.Aggregate(Encoding.UTF8.GetBytes("AWS4" + secretKey), (current, field) => HMACSHA256.HashData(current, Encoding.UTF8.GetBytes(field)));
        return fields[^2] == "s3" && Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text))) == parts["Signature"] ? null : "SignatureDoesNotMatch";
    }

    private static string Encoded(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
