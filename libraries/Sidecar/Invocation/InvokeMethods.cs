using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Resiliency;
using InvokeResponse = Dapr.Client.Autogen.Grpc.v1.InvokeResponse;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Service invocation over gRPC, the older way: one message to a method by name.</summary>
internal sealed class InvokeMethods(DirectInvoker invoker, ResiliencyProvider resiliency, ILogger<InvokeMethods> logger) : IServiceMethodProvider<DaprService>
{
    private int _told;

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context) =>
        context.Unary("InvokeService", InvokeServiceRequest.Parser, InvokeResponse.Parser, InvokeService);

    private async Task<InvokeResponse> InvokeService(InvokeServiceRequest request, ServerCallContext context)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            Log.InvokeServiceDeprecated(logger);
        var message = request.Message ?? new InvokeRequest();
        var call = new InvokeCall
        {
            Method = message.Method,
            Http = message.HttpExtension is { } http ? new() { Verb = (Wire.HTTPExtension.Types.Verb)http.Verb, Querystring = http.Querystring } : null,
            ContentType = message.ContentType,
            DataTypeUrl = message.Data?.TypeUrl ?? "",
            Metadata = InvokeMetadata.From(context.RequestHeaders, context.Host),
            Body = new InvokeBody(message.Data?.Value.Memory ?? default),
        };
        var runner = resiliency.ForAppEndpoint(request.Id, $"{request.Id}:{message.Method}");
        var outcome = await runner.RunAsync((request.Id, call), (state, attempt) => TryAsync(state.Id, state.call, attempt.Token), context.CancellationToken);
        await TellAsync(outcome.Value, context);
        return outcome.Error switch
        {
            null => outcome.Value!.Message,
            RpcException refused => throw new RpcException(refused.Status, refused.Trailers),
            ApiException => throw outcome.Error,
            PolicyTimeoutException timeout => throw new RpcException(new Status(StatusCode.DeadlineExceeded, timeout.Message)),
            { } other => throw new RpcException(new Status(StatusCode.Unknown, other.Message, other)),
        };
    }

    private async Task<Outcome<Exchange>> TryAsync(string target, InvokeCall call, CancellationToken cancellationToken)
    {
        InvokeAnswer answer;
        try
        {
            answer = await invoker.InvokeAsync(target, call, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Outcome<Exchange>(null, new ApiException(new ApiError(500, StatusCode.Internal, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {target}, err: {exception.Message}"), exception));
        }

        await using (answer)
        {
            var body = await answer.ReadAsync(cancellationToken);
            var headers = GrpcHeaderMapping.Map(answer.Headers);
            if (answer.IsHttp)
                headers.Add("dapr-http-status", $"{answer.Code}");
            var exchange = new Exchange(
                new InvokeResponse { ContentType = answer.ContentType, Data = new() { Value = UnsafeByteOperations.UnsafeWrap(body), TypeUrl = answer.DataTypeUrl } },
                headers,
                answer is { IsHttp: false, Trailers: { } trailers } ? GrpcHeaderMapping.Map(trailers, fromHttp: false) : []);
            return new Outcome<Exchange>(exchange, Error(answer, body));
        }
    }

    private static RpcException? Error(InvokeAnswer answer, byte[] body)
    {
        if (answer.IsHttp)
            return StatusMapping.Error(answer.Code, System.Text.Encoding.UTF8.GetString(body));
        return answer.Code == 0 ? null : StatusMapping.Error((StatusCode)answer.Code, answer.Message, answer.Details);
    }

    private static async Task TellAsync(Exchange? exchange, ServerCallContext context)
    {
        if (exchange is null)
            return;
        foreach (var trailer in exchange.Trailers)
            context.ResponseTrailers.Add(trailer);
        await context.WriteResponseHeadersAsync(exchange.Headers);
    }

    private sealed record Exchange(InvokeResponse Message, RpcMetadata Headers, RpcMetadata Trailers);
}
