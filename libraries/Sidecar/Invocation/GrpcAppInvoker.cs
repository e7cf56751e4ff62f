using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Calls a gRPC app by <c>AppCallback.OnInvoke</c>.</summary>
internal sealed class GrpcAppInvoker(AppGrpc app, AppHealth health, AppLimiter limiter) : IAppInvoker
{
    private static readonly Method<InvokeRequest, InvokeResponse> OnInvoke = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "OnInvoke", GrpcBinding.Of(InvokeRequest.Parser), GrpcBinding.Of(InvokeResponse.Parser));

    public async Task<InvokeAnswer> InvokeAsync(InvokeCall call, CancellationToken cancellationToken)
    {
        if (!health.IsHealthy)
            throw new InvokeException(StatusCode.Internal, "app is not in a healthy state");
        using var slot = await limiter.EnterAsync(cancellationToken);
        var body = await call.Body.ReadAsync(cancellationToken);
        var request = new InvokeRequest
        {
            Method = call.Method,
            ContentType = call.ContentType,
            HttpExtension = call.Http,
            Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(body), TypeUrl = call.DataTypeUrl },
        };
        var headers = GrpcHeaderMapping.Map(call.Metadata);
        if (app.Token is { } token)
        {
            foreach (var sent in headers.GetAll("dapr-api-token").ToList())
                headers.Remove(sent);
            headers.Add("dapr-api-token", token);
        }

        using var running = app.Calls.AsyncUnaryCall(OnInvoke, null, new CallOptions(headers, cancellationToken: cancellationToken), request);
        try
        {
            var response = await running.ResponseAsync;
            return new InvokeAnswer(new MemoryStream(response.Data?.Value.ToByteArray() ?? [], writable: false))
            {
                Code = 0,
                Headers = InvokeMetadata.From(await running.ResponseHeadersAsync),
                Trailers = InvokeMetadata.From(running.GetTrailers()),
                ContentType = response.ContentType,
                DataTypeUrl = response.Data?.TypeUrl ?? "",
            };
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Refused(exception);
        }
    }

    /// <summary>An error is an answer too: its status reaches the caller as it is.</summary>
    private static InvokeAnswer Refused(RpcException exception) => new(Stream.Null)
    {
        Code = (int)exception.StatusCode,
        Message = exception.Status.Detail,
        Details = Details(exception.Trailers.GetValueBytes("grpc-status-details-bin")),
        Headers = new InvokeMetadata(),
        Trailers = InvokeMetadata.From(exception.Trailers),
    };

    private static IReadOnlyList<Any> Details(byte[]? status)
    {
        if (status is null)
            return [];
        try
        {
            return Google.Rpc.Status.Parser.ParseFrom(status).Details;
        }
        catch (InvalidProtocolBufferException)
        {
            // The app's trailer is no status: its code and message stand alone.
            return [];
        }
    }
}
