using System.Net;
using System.Text;
using System.Text.Json;
using Google.Rpc;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>An answer of the HTTP API, read whole.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, string Body, string ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Code => Json.GetProperty("errorCode").GetString()!;

    public string Message => Json.GetProperty("message").GetString()!;

    /// <summary>The details of that google.rpc type.</summary>
    public JsonElement Detail(string type) => Json.GetProperty("details").EnumerateArray().Single(detail => detail.GetProperty("@type").GetString() == $"type.googleapis.com/google.rpc.{type}");

    public int DetailCount => Json.TryGetProperty("details", out var details) ? details.GetArrayLength() : 0;
}

/// <summary>Calls as the tests need them.</summary>
internal static class ApiCalls
{
    public static Task<ApiAnswer> PostAsync(this Daprd daprd, string path, string body = "", string? contentType = null, params (string Name, string Value)[] headers) =>
        daprd.SendAsync(HttpMethod.Post, path, body, contentType, headers);

    public static Task<ApiAnswer> GetAsync(this Daprd daprd, string path) => daprd.SendAsync(HttpMethod.Get, path, null, null);

    public static async Task<ApiAnswer> SendAsync(this Daprd daprd, HttpMethod method, string path, string? body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await daprd.Http.SendAsync(request);
        return new ApiAnswer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Content.Headers.TryGetValues("Content-Type", out var types) ? types.Single() : "",
            response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The error of a call, with its google.rpc status.</summary>
    public static async Task<(RpcException Error, Google.Rpc.Status Status)> FailsAsync<T>(this AsyncUnaryCall<T> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await call);
        var trailer = error.Trailers.GetValueBytes("grpc-status-details-bin");
        return (error, trailer is null ? new Google.Rpc.Status() : Google.Rpc.Status.Parser.ParseFrom(trailer));
    }

    public static ErrorInfo Info(this Google.Rpc.Status status) => status.Details.Single(detail => detail.Is(ErrorInfo.Descriptor)).Unpack<ErrorInfo>();

    public static ResourceInfo Resource(this Google.Rpc.Status status) => status.Details.Single(detail => detail.Is(ResourceInfo.Descriptor)).Unpack<ResourceInfo>();
}
