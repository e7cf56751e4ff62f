using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Health;

namespace RealTimeMesh.Sidecar.Metadata;

/// <summary>Metadata and shutdown over gRPC.</summary>
internal sealed class MetadataMethods(MetadataStore metadata, ShutdownRequests shutdown) : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("GetMetadata", GetMetadataRequest.Parser, GetMetadataResponse.Parser, GetMetadata);
        context.Unary("SetMetadata", SetMetadataRequest.Parser, Empty.Parser, SetMetadata);
        context.Unary("Shutdown", ShutdownRequest.Parser, Empty.Parser, Shutdown);
    }

    private Task<GetMetadataResponse> GetMetadata(GetMetadataRequest request, ServerCallContext context) => Task.FromResult(MetadataMessages.From(metadata));

    private Task<Empty> SetMetadata(SetMetadataRequest request, ServerCallContext context) =>
        metadata.TrySet(request.Key, request.Value)
            ? Task.FromResult(new Empty())
            : throw new RpcException(new Status(StatusCode.InvalidArgument, "invalid request: too many metadata labels"));

    private Task<Empty> Shutdown(ShutdownRequest request, ServerCallContext context)
    {
        shutdown.Accept(context.GetHttpContext());
        return Task.FromResult(new Empty());
    }
}
