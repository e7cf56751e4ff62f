using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Invocation.Wire;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>Service invocation over HTTP.</summary>
internal sealed class InvokeEndpoint(DirectInvoker invoker, HttpEndpoints endpoints, ResiliencyProvider resiliency, SidecarMetrics metrics, ILogger<InvokeEndpoint> logger)
{
    private const string ErrorCode = "ERR_DIRECT_INVOKE";

    public async Task HandleAsync(HttpContext context)
    {
        if (InvokeTarget.Find(context.Request) is not { } target)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "failed getting app id either from the URL path or the header dapr-app-id");
            return;
        }

        AllowPauses(context);
        var call = await CallAsync(context, target.Method);
        var invocation = new HttpInvocation(context, invoker, target.Id, call);
        Outcome<HttpFailure> outcome;
        try
        {
            outcome = await Policy(target).RunAsync(invocation, static (invocation, attempt) => invocation.TryAsync(attempt), context.RequestAborted);
        }
        finally
        {
            await invocation.SettledAsync();
        }

        if (outcome.Error is null)
            return;
        if (!invocation.IsAnswering)
            await FailAsync(context, target.Id, outcome);
        else if (outcome.Code is not null)
            Log.InvocationFailed(logger, outcome.Error.Message);
        else
            CutOff(context, outcome.Error);
    }

    private PolicyRunner Policy(in InvokeTarget target) => resiliency.ForAppEndpoint(
        target.Id,
        HttpEndpoints.IsAddress(target.Id) ? $"{target.Id}/{target.Method}" : $"{target.Id}:{endpoints.BaseUrl(target.Id) ?? target.Method}");

    /// <summary>A body of known length is read whole, so that it can be sent again; any other is handed on as it comes.</summary>
    private static async Task<InvokeCall> CallAsync(HttpContext context, string method)
    {
        var request = context.Request;
        InvokeBody body;
        if (request.ContentLength is { } length)
            body = length == 0 ? InvokeBody.Empty : new InvokeBody(await RealTimeMesh.Sidecar.Http.RequestBody.ReadAsync(request, context.RequestAborted));
        else
            body = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? InvokeBody.Empty : new InvokeBody(default, request.Body);
        return new InvokeCall
        {
            Method = method,
            Http = new HTTPExtension { Verb = Verb(request.Method), Querystring = request.QueryString.HasValue ? request.QueryString.Value![1..] : "" },
            ContentType = request.ContentType ?? "",
            Metadata = InvokeMetadata.From(request.Headers),
            Body = body,
        };
    }

    /// <summary>As daprd: a verb it does not know is a POST.</summary>
    private static HTTPExtension.Types.Verb Verb(string method) =>
        Enum.TryParse<HTTPExtension.Types.Verb>(method, ignoreCase: true, out var verb) && !char.IsAsciiDigit(method[0]) ? verb : HTTPExtension.Types.Verb.Post;

    /// <summary>Streams may pause for as long as they like, in both directions.</summary>
    private static void AllowPauses(HttpContext context)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requests)
            requests.MinDataRate = null;
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } responses)
            responses.MinDataRate = null;
    }

    private async Task FailAsync(HttpContext context, string target, Outcome<HttpFailure> outcome)
    {
        Log.InvocationFailed(logger, outcome.Error!.Message);
        if (outcome.Value is { } failure)
        {
            Count();
            context.Response.StatusCode = failure.Status;
            AnswerHeaders.Write(context.Response, failure.Headers, failure.ContentType);
            if (!HttpMethods.IsHead(context.Request.Method) && failure.Status >= 200 && failure.Body.Length > 0)
                await context.Response.Body.WriteAsync(failure.Body, context.RequestAborted);
            return;
        }

        var status = outcome.Error is InvokeException { Status: StatusCode.PermissionDenied } ? StatusCodes.Status403Forbidden : StatusCodes.Status500InternalServerError;
        await RefuseAsync(context, status, $"failed to invoke, id: {target}, err: {outcome.Error.Message}");
    }

    private Task RefuseAsync(HttpContext context, int status, string message)
    {
        Count();
        return ErrorJson.WriteAsync(context.Response, new ApiError(status, StatusCode.Internal, ErrorCode, message));
    }

    /// <summary>Half an answer must not look like a whole one.</summary>
    private void CutOff(HttpContext context, Exception cause)
    {
        Log.InvocationCutOff(logger, cause.Message);
        context.Abort();
    }

    private void Count() => metrics.Error("service-invocation", ErrorCode);
}
