using Grpc.Core;
using Grpc.Reflection.V1Alpha;

namespace RealTimeMesh.Pluggable;

/// <summary>Asks a gRPC server which services it has.</summary>
internal static class ReflectionClient
{
    private const string StableService = "grpc.reflection.v1.ServerReflection";

    /// <summary>Names of the services; waits until the socket takes connections, as daprd does.</summary>
    public static async Task<IReadOnlyCollection<string>> ListServicesAsync(string socket, PluggableOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var channel = ComponentConnection.Open(socket, options, () => () => { });
        while (true)
        {
            try
            {
                return await ListAsync(channel.CreateCallInvoker(), ServerReflection.Descriptor.FullName, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
            {
                return await ListAsync(channel.CreateCallInvoker(), StableService, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (CallErrors.IsConnectFailure(e) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(options.ReconnectDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Both versions of the protocol have the same messages.
    private static async Task<IReadOnlyCollection<string>> ListAsync(CallInvoker invoker, string service, CancellationToken cancellationToken)
    {
        var method = new Method<ServerReflectionRequest, ServerReflectionResponse>(
            MethodType.DuplexStreaming, service, "ServerReflectionInfo", Marshaller(ServerReflectionRequest.Parser), Marshaller(ServerReflectionResponse.Parser));
        using var call = invoker.AsyncDuplexStreamingCall(method, null, new CallOptions(cancellationToken: cancellationToken));
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "*" }, cancellationToken).ConfigureAwait(false);
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        return await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
            ? [.. call.ResponseStream.Current.ListServicesResponse?.Service.Select(entry => entry.Name) ?? []]
            : [];
    }

    private static Marshaller<T> Marshaller<T>(Google.Protobuf.MessageParser<T> parser)
        where T : Google.Protobuf.IMessage<T> => Marshallers.Create(message => Google.Protobuf.MessageExtensions.ToByteArray(message), parser.ParseFrom);
}
