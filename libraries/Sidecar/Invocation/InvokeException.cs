using Grpc.Core;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>A call got no answer of the app. With a status it reads as daprd prints gRPC errors.</summary>
internal sealed class InvokeException : RealTimeMeshException
{
    public InvokeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    public InvokeException(StatusCode status, string detail, Exception? innerException = null)
        : base($"rpc error: code = {status} desc = {detail}", innerException)
    {
        Status = status;
        Detail = detail;
    }

    /// <summary>Null where the failure has no gRPC status.</summary>
    public StatusCode? Status { get; }

    /// <summary>The message without the status around it; empty where there is none.</summary>
    public string Detail { get; } = "";
}
