using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RpcMetadata = Grpc.Core.Metadata;
using RpcStatus = Grpc.Core.Status;

namespace RealTimeMesh.Sidecar.Errors;

/// <summary>Errors over gRPC: status, message and google.rpc details.</summary>
internal static class ErrorStatus
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    public static RpcException ToRpcException(this ApiError error)
    {
        if (error.OverGrpc is { } other)
            return other.ToRpcException();
        var status = new RpcStatus(error.GrpcStatus, error.Message);
        if ((error.Reason ?? error.GrpcReason) is not { } reason)
            return new RpcException(status);
        var details = new Google.Rpc.Status { Code = (int)error.GrpcStatus, Message = error.Message };
        if (error.Help is { } help)
            details.Details.Add(Any.Pack(new Help { Links = { new Help.Types.Link { Url = help.Url, Description = help.Description } } }));
        if (error.Violation is { } violation)
            details.Details.Add(Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = violation.Field, Description = violation.Description } } }));
        if (error.Resource is { } resource)
            details.Details.Add(Any.Pack(new ResourceInfo { ResourceType = resource.Type, ResourceName = resource.Name, Description = resource.Description }));
        var info = new ErrorInfo { Reason = reason, Domain = error.Domain };
        foreach (var (name, value) in error.Metadata ?? new Dictionary<string, string>())
            info.Metadata[name] = value;
        details.Details.Add(Any.Pack(info));
        return new RpcException(status, new RpcMetadata { { DetailsTrailer, details.ToByteArray() } });
    }
}
