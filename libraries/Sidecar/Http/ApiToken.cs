using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Sidecar.Grpc;
using ErrorInfo = Google.Rpc.ErrorInfo;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>Asks callers for <c>DAPR_API_TOKEN</c> and takes it out of what goes further.</summary>
internal sealed class ApiToken(SidecarOptions options)
{
    public const string Header = "dapr-api-token";

    private readonly byte[]? _token = options.ApiToken is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;

    /// <summary>False where the request was refused; its answer is written then.</summary>
    public async ValueTask<bool> AdmitAsync(HttpContext context)
    {
        if (_token is null)
            return true;
        var request = context.Request;
        var given = request.Headers[Header].ToString();
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _token) && !IsExempt(request))
        {
            await RefuseAsync(context, given.Length > 0);
            return false;
        }

        request.Headers.Remove(Header);
        return true;
    }

    private static bool IsExempt(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && (request.Path.Equals("/v1.0/healthz", StringComparison.Ordinal) || request.Path.Equals("/v1.0/healthz/outbound", StringComparison.Ordinal));

    private static Task RefuseAsync(HttpContext context, bool hasToken)
    {
        if (UnimplementedMethods.IsGrpc(context.Request))
            return RefuseGrpcAsync(context, hasToken ? "authentication error: api token mismatch" : "missing api token in request metadata");
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("invalid api token\n");
    }

    private static Task RefuseGrpcAsync(HttpContext context, string cause)
    {
        const string Text = "Unauthorized";
        var info = new ErrorInfo { Reason = Text, Domain = "dapr.io", Metadata = { ["http.code"] = "401", ["http.error_message"] = cause } };
        var details = new Google.Rpc.Status { Code = (int)StatusCode.Unauthenticated, Message = Text, Details = { Any.Pack(info) } };
        context.Response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(details.ToByteArray()).TrimEnd('=');
        return UnimplementedMethods.FailAsync(context, StatusCode.Unauthenticated, Text);
    }
}
