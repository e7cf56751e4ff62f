using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation.Remote;

/// <summary>Calls the app of another sidecar through that sidecar's internal port.</summary>
internal sealed class RemoteInvoker(RemoteSidecars sidecars, string address) : IAppInvoker
{
    public async Task<InvokeAnswer> InvokeAsync(InvokeCall call, CancellationToken cancellationToken)
    {
        // Ends with the answer: until its body has been read the exchange goes on.
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var exchange = sidecars.Client(address).CallLocalStream(cancellationToken: ended.Token);
        try
        {
            var sending = SendAsync(call, exchange.RequestStream, ended.Token);
            if (!await MoveNextAsync(exchange, sending, cancellationToken))
                throw new InvokeException("EOF");
            var head = exchange.ResponseStream.Current;
            if (head.Response?.Status is null)
                throw new InvokeException("response does not contain the required fields in the leading chunk");
            return Answer(head, exchange, ended);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Release(exchange, ended);
            throw new InvokeException(exception.StatusCode, Detail(exception), exception);
        }
        catch
        {
            Release(exchange, ended);
            throw;
        }
    }

    /// <summary>Waits for the answer's first message. A body that cannot be read ends the call.</summary>
    private static async Task<bool> MoveNextAsync(AsyncDuplexStreamingCall<InternalInvokeRequestStream, InternalInvokeResponseStream> exchange, Task sending, CancellationToken cancellationToken)
    {
        var receiving = exchange.ResponseStream.MoveNext(cancellationToken);
        if (await Task.WhenAny(sending, receiving) == sending && sending.IsFaulted && sending.Exception.InnerException is not RpcException and not InvalidOperationException)
        {
            exchange.Dispose();
            await sending;
        }

        return await receiving;
    }

    private static async Task SendAsync(InvokeCall call, IClientStreamWriter<InternalInvokeRequestStream> requests, CancellationToken cancellationToken)
    {
        var request = new InternalInvokeRequest { Ver = APIVersion.V1, Message = new InvokeRequest { Method = call.Method, ContentType = call.ContentType, HttpExtension = call.Http } };
        if (call.DataTypeUrl.Length > 0)
            request.Message.Data = new Any { TypeUrl = call.DataTypeUrl };
        call.Metadata.WriteTo(request.Metadata);
        var body = call.Body.Stream ?? Memory(call.Body.Bytes);
        await PayloadWriter.WriteAsync(
            body,
            (first, payload) => requests.WriteAsync(new InternalInvokeRequestStream { Request = first ? request : null, Payload = payload }, cancellationToken),
            waitForBody: true,
            cancellationToken);
        await requests.CompleteAsync();
    }

    private static MemoryStream Memory(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private InvokeAnswer Answer(InternalInvokeResponseStream head, AsyncDuplexStreamingCall<InternalInvokeRequestStream, InternalInvokeResponseStream> exchange, CancellationTokenSource ended)
    {
        var response = head.Response;
        var body = new PayloadStream(head.Payload, NextAsync);
        return new InvokeAnswer(body, new Held(exchange, ended))
        {
            Code = response.Status.Code,
            Message = response.Status.Message,
            Details = response.Status.Details,
            Headers = InvokeMetadata.From(response.Headers),
            Trailers = InvokeMetadata.From(response.Trailers),
            ContentType = response.Message?.ContentType ?? "",
            DataTypeUrl = response.Message?.Data?.TypeUrl ?? "",
        };

        async ValueTask<StreamPayload?> NextAsync(CancellationToken cancellationToken)
        {
            try
            {
                while (await exchange.ResponseStream.MoveNext(cancellationToken))
                {
                    var next = exchange.ResponseStream.Current;
                    if (next.Response is not null)
                        throw new IOException("response metadata found in non-leading chunk");
                    if (next.Payload is not null)
                        return next.Payload;
                }

                return null;
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"error receiving message: rpc error: code = {exception.StatusCode} desc = {Detail(exception)}", exception);
            }
        }
    }

    private string Detail(RpcException exception) => exception.StatusCode == StatusCode.Unavailable && exception.Status.DebugException is { } cause
        ? $"connection error: desc = \"transport: Error while dialing: {GoText.ConnectionError(address, cause)}\""
        : exception.Status.Detail;

    private static void Release(AsyncDuplexStreamingCall<InternalInvokeRequestStream, InternalInvokeResponseStream> exchange, CancellationTokenSource ended)
    {
        exchange.Dispose();
        ended.Cancel();
        ended.Dispose();
    }

    private sealed class Held(AsyncDuplexStreamingCall<InternalInvokeRequestStream, InternalInvokeResponseStream> exchange, CancellationTokenSource ended) : IDisposable
    {
        public void Dispose() => Release(exchange, ended);
    }
}
