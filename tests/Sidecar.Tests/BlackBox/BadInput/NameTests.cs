using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Keys, topics and paths that nobody would choose with good intent.</summary>
public sealed class NameTests(BadInputSidecar sidecar) : IClassFixture<BadInputSidecar>
{
    [Theory]
    [InlineData("/v1.0/state/../../../etc/passwd")]
    [InlineData("/v1.0/../../etc/passwd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/v1.0/state/ss/..%2F..%2F..%2Fetc%2Fpasswd")]
    [InlineData("/v1.0/state/ss/%00")]
    [InlineData("/v1.0/state/ss/..%5c..%5cwindows")]
    public async Task Path_that_climbs_reaches_no_file(string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{sidecar.Daprd.HttpPort}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var response = await sidecar.Daprd.Http.SendAsync(request);
        Assert.Contains((int)response.StatusCode, (int[])[204, 400, 404]);
        Assert.DoesNotContain("root:", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await sidecar.AssertAliveAsync();
    }

    [Theory]
    [InlineData("../../k")]
    [InlineData("k\0k")]
    [InlineData("'; DROP TABLE state; --")]
    [InlineData("😀\ud83d\ude00 key")]
    public async Task Odd_key_is_a_key_like_any_other(string key)
    {
        await sidecar.Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "ss", States = { new StateItem { Key = key, Value = ByteString.CopyFromUtf8("v") } } });
        Assert.Equal("v", (await sidecar.Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "ss", Key = key })).Data.ToStringUtf8());
    }

    [Fact]
    public async Task Topic_of_a_hundred_kilobytes_is_published_to_as_any_other()
    {
        await sidecar.Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "ps", Topic = new string('t', 100_000), Data = ByteString.CopyFromUtf8("x") });
        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Metadata_of_ten_thousand_entries_is_taken()
    {
        var request = new PublishEventRequest { PubsubName = "ps", Topic = "t", Data = ByteString.CopyFromUtf8("x") };
        for (var i = 0; i < 10_000; i++)
            request.Metadata[$"name-{i}"] = "value";
        await sidecar.Daprd.Grpc.PublishEventAsync(request);
        await sidecar.AssertAliveAsync();
    }
}
