namespace RealTimeMesh.Polyglot.Tests;

/// <summary><c>@dapr/dapr</c> with an HTTP app and the HTTP API.</summary>
public sealed class NodeSdkOverHttpTests(HttpSdkRun run) : IClassFixture<HttpSdkRun>
{
    public static TheoryData<string> Facts => SdkRun.Facts("http");

    [Theory]
    [MemberData(nameof(Facts))]
    public void The_SDK_finds(string fact) => run.AssertHolds(fact);

    [Fact]
    public void The_sidecar_ends_well_when_the_SDK_shuts_it_down() => run.AssertEndedWell();
}
