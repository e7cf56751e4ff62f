namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>gRPC calls whose frames or messages are broken.</summary>
public sealed class GrpcFrameTests(BadInputSidecar sidecar) : IClassFixture<BadInputSidecar>
{
    [Theory]
    [InlineData("PublishEvent")]
    [InlineData("BulkPublishEvent")]
    [InlineData("SaveState")]
    [InlineData("SubscribeTopicEventsAlpha1")]
    public async Task Message_that_is_no_protobuf_is_an_internal_error_as_of_grpcs_own_servers(string method) =>
        Assert.Equal("13", (await CallAsync(method, GrpcFrame.Of([0xff, 0xff, 0xff, 0xff, 0xff]))).Status);

    [Theory]
    [InlineData("nothing", new byte[0])]
    [InlineData("half a prefix", new byte[] { 0, 0, 0 })]
    [InlineData("a message shorter than told", new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData("a length of 4 GiB", new byte[] { 0, 255, 255, 255, 255, 1 })]
    [InlineData("a compressed flag without an encoding", new byte[] { 1, 0, 0, 0, 1, 1 })]
    [InlineData("an unknown flag", new byte[] { 7, 0, 0, 0, 0 })]
    [InlineData("two messages", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Broken_frame_gets_a_status(string what, byte[] frame)
    {
        foreach (var method in (string[])["PublishEvent", "BulkPublishEvent", "GetState"])
        {
            var (status, message) = await CallAsync(method, frame);
            Assert.False(status is "" or "0", $"{method} with {what}: status '{status}' {message}");
        }

        await sidecar.AssertReadyAsync();
    }

    [Fact]
    public async Task Method_that_does_not_exist_is_unimplemented() => Assert.Equal("12", (await CallAsync("Nothing", GrpcFrame.Of([]))).Status);

    private async Task<(string Status, string Message)> CallAsync(string method, byte[] frame)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.Daprd.GrpcPort}") };
        return await GrpcFrame.CallAsync(client, method, frame, default);
    }
}
