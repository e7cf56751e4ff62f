using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.App;

/// <summary>Counts gRPC calls of the app, health probes by themselves.</summary>
internal sealed class AppGrpcMeter(SidecarMetrics metrics, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var started = time.GetTimestamp();
        var call = continuation(request, context);
        return new AsyncUnaryCall<TResponse>(CountAsync(call.ResponseAsync, request, context.Method, started), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<TResponse> CountAsync<TRequest, TResponse>(Task<TResponse> answering, TRequest request, Method<TRequest, TResponse> method, long started)
    {
        var status = StatusCode.Unknown;
        long received = 0;
        try
        {
            var answer = await answering;
            (status, received) = (StatusCode.OK, Size(answer));
            return answer;
        }
        catch (RpcException exception)
        {
            status = exception.StatusCode;
            throw;
        }
        finally
        {
            if (method.Name == AppGrpc.HealthCheckName)
                metrics.GrpcProbed(status, time.GetElapsedTime(started));
            else
                metrics.GrpcCalled(method.FullName, status, Size(request), received, time.GetElapsedTime(started));
        }
    }

    private static long Size<T>(T message) => message is IMessage known ? known.CalculateSize() : 0;
}
