namespace RealTimeMesh.Polyglot.Tests;

/// <summary><c>@dapr/dapr</c> with a gRPC app and the gRPC API.</summary>
public sealed class NodeSdkOverGrpcTests(GrpcSdkRun run) : IClassFixture<GrpcSdkRun>
{
    public static TheoryData<string> Facts => SdkRun.Facts("grpc");

    [Theory]
    [MemberData(nameof(Facts))]
    public void The_SDK_finds(string fact) => run.AssertHolds(fact);

    [Fact]
    public void The_sidecar_ends_well_when_the_SDK_shuts_it_down() => run.AssertEndedWell();
}
