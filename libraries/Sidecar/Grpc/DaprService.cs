namespace RealTimeMesh.Sidecar.Grpc;

/// <summary>Stands for <c>dapr.proto.runtime.v1.Dapr</c>: its methods are bound by the building blocks (<see cref="GrpcBinding"/>).</summary>
internal sealed class DaprService;
