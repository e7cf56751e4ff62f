using Grpc.Core;
using RealTimeMesh.Sidecar.Invocation.Wire;
using RealTimeMesh.Sidecar.Server;
using RealTimeMesh.Sidecar.Telemetry;
using GrpcStatus = Grpc.Core.Status;

namespace RealTimeMesh.Sidecar.Invocation.Remote;

/// <summary>What other sidecars ask of this one: calls of its app. On the internal port only.</summary>
internal sealed class InternalService(LocalApp app, AccessControl access, SidecarMetrics metrics) : ServiceInvocation.ServiceInvocationBase
{
    public override async Task<InternalInvokeResponse> CallLocal(InternalInvokeRequest request, ServerCallContext context)
    {
        RequireInternal(context);
        var call = Call(request, new InvokeBody(request.Message?.Data?.Value.Memory ?? default));
        await using var answer = await InvokeAsync(call, context);
        var response = Describe(answer);
        response.Message.Data ??= new();
        response.Message.Data.Value = Google.Protobuf.UnsafeByteOperations.UnsafeWrap(await answer.ReadAsync(context.CancellationToken));
        return response;
    }

    public override async Task CallLocalStream(IAsyncStreamReader<InternalInvokeRequestStream> requestStream, IServerStreamWriter<InternalInvokeResponseStream> responseStream, ServerCallContext context)
    {
        RequireInternal(context);
        var cancellationToken = context.CancellationToken;
        if (!await requestStream.MoveNext(cancellationToken))
            throw new RpcException(new GrpcStatus(StatusCode.InvalidArgument, "parsing InternalInvokeRequest error: request does not contain the required fields in the leading chunk"));
        var head = requestStream.Current;
        var call = Call(head.Request, new InvokeBody(default, new PayloadStream(head.Payload, NextAsync)));
        await using var answer = await InvokeAsync(call, context);
        if (call.WantsEvents && answer.Code is < 200 or > 299)
            throw Refused("no response received from stream");
        var response = Describe(answer);
        await PayloadWriter.WriteAsync(
            answer.Body,
            (first, payload) => responseStream.WriteAsync(new InternalInvokeResponseStream { Response = first ? response : null, Payload = payload }, cancellationToken),
            waitForBody: false,
            cancellationToken);

        async ValueTask<StreamPayload?> NextAsync(CancellationToken token)
        {
            while (await requestStream.MoveNext(token))
            {
                if (requestStream.Current.Request is not null)
                    throw new IOException("request metadata found in non-leading chunk");
                if (requestStream.Current.Payload is { } payload)
                    return payload;
            }

            return null;
        }
    }

    private async Task<InvokeAnswer> InvokeAsync(InvokeCall call, ServerCallContext context)
    {
        try
        {
            call = call with { Method = MethodName.Normalise(call.Method) };
        }
        catch (InvokeException exception)
        {
            throw new RpcException(new GrpcStatus(exception.Status!.Value, exception.Detail));
        }

        access.Require(call.Method, call.Http?.Verb ?? HTTPExtension.Types.Verb.None);
        var caller = call.Metadata.First("dapr-caller-app-id") ?? "unknown";
        metrics.InvocationReceived(caller);
        try
        {
            var answer = await app.Invoker.InvokeAsync(call, context.CancellationToken);
            metrics.InvocationAnswered(caller, answer.Code);
            return answer;
        }
        catch (Exception exception) when (exception is not RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            metrics.InvocationAnswered(caller, (int)StatusCode.Internal);
            throw Refused(exception.Message, exception);
        }
    }

    private InvokeCall Call(InternalInvokeRequest? request, InvokeBody body)
    {
        if (!app.Exists)
            throw new RpcException(new GrpcStatus(StatusCode.Internal, "app channel is not initialized"));
        if (request?.Message is not { } message)
            throw new RpcException(new GrpcStatus(StatusCode.InvalidArgument, "parsing InternalInvokeRequest error: request does not contain the required fields in the leading chunk"));
        return new InvokeCall
        {
            Method = message.Method,
            Http = message.HttpExtension,
            ContentType = message.ContentType,
            DataTypeUrl = message.Data?.TypeUrl ?? "",
            Metadata = InvokeMetadata.From(request.Metadata),
            Body = body,
        };
    }

    private static InternalInvokeResponse Describe(InvokeAnswer answer)
    {
        var response = new InternalInvokeResponse
        {
            Status = new() { Code = answer.Code, Message = answer.Message, Details = { answer.Details } },
            Message = new InvokeResponse { ContentType = answer.ContentType },
        };
        if (answer.DataTypeUrl.Length > 0)
            response.Message.Data = new() { TypeUrl = answer.DataTypeUrl };
        answer.Headers.WriteTo(response.Headers);
        answer.Trailers?.WriteTo(response.Trailers);
        return response;
    }

    private static RpcException Refused(string cause, Exception? inner = null) =>
        new(new GrpcStatus(StatusCode.Internal, $"error invoking app channel: {cause}", inner));

    private static void RequireInternal(ServerCallContext context)
    {
        if (context.GetHttpContext().Features.Get<DoorFeature>() is not { Door: SidecarDoor.InternalGrpc })
            throw new RpcException(new GrpcStatus(StatusCode.Unimplemented, $"method {context.Method} is not served on this port"));
    }
}
