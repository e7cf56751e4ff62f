using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Grpc;

/// <summary>Stands for <c>dapr.proto.runtime.v1.Dapr</c>: its methods are bound by the building blocks (<see cref="GrpcBinding"/>).</summary>
internal sealed class DaprService(SidecarMetrics metrics, TimeProvider time)
{
    /// <summary>Runs a unary method: counts it and turns an <see cref="ApiException"/> into its status.</summary>
    public async Task<TResponse> RunAsync<TRequest, TResponse>(TRequest request, ServerCallContext call, Func<TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class
        where TResponse : class
    {
        var started = time.GetTimestamp();
        var requestBytes = Size(request);
        try
        {
            var response = await handler(request, call);
            metrics.GrpcServed(call.Method, StatusCode.OK, requestBytes, Size(response), time.GetElapsedTime(started));
            return response;
        }
        catch (ApiException exception)
        {
            metrics.Error(ErrorCategory.Of(exception.Error), exception.Error.Code);
            metrics.GrpcServed(call.Method, exception.Error.GrpcStatus, requestBytes, 0, time.GetElapsedTime(started));
            throw exception.Error.ToRpcException();
        }
        catch (Exception exception)
        {
            metrics.GrpcServed(call.Method, exception is RpcException rpc ? rpc.StatusCode : StatusCode.Unknown, requestBytes, 0, time.GetElapsedTime(started));
            throw;
        }
    }

    /// <summary>Runs a streaming method.</summary>
    public async Task RunAsync(ServerCallContext call, Func<Task> handler)
    {
        var started = time.GetTimestamp();
        var status = StatusCode.OK;
        try
        {
            await handler();
        }
        catch (ApiException exception)
        {
            status = exception.Error.GrpcStatus;
            metrics.Error(ErrorCategory.Of(exception.Error), exception.Error.Code);
            throw exception.Error.ToRpcException();
        }
        catch (RpcException exception)
        {
            status = exception.StatusCode;
            throw;
        }
        finally
        {
            metrics.GrpcServed(call.Method, status, null, null, time.GetElapsedTime(started));
        }
    }

    private static long Size(object message) => message switch
    {
        IMessage proto => proto.CalculateSize(),
        BulkPublishFrame frame => frame.Length,
        _ => 0,
    };
}
