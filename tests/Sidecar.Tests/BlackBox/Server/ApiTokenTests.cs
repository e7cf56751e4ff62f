using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Server;

public sealed class ApiTokenTests : IAsyncLifetime
{
    private Daprd _daprd = null!;

    public async ValueTask InitializeAsync() =>
        _daprd = await Daprd.StartAsync(new DaprdSetup { Environment = new Dictionary<string, string> { ["DAPR_API_TOKEN"] = "secret" } });

    public ValueTask DisposeAsync() => _daprd.DisposeAsync();

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("wrong", HttpStatusCode.Unauthorized)]
    [InlineData("secret", HttpStatusCode.OK)]
    public async Task Http_calls_need_the_token(string? token, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1.0/metadata");
        if (token is not null)
            request.Headers.Add("dapr-api-token", token);
        using var response = await _daprd.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Unauthorized)
            Assert.Equal("invalid api token", (await response.Content.ReadAsStringAsync()).Trim());
    }

    [Fact]
    public async Task Health_needs_no_token_to_be_read_and_the_public_port_none_at_all()
    {
        using var health = await _daprd.Http.GetAsync("/v1.0/healthz/outbound");
        Assert.Equal(HttpStatusCode.NoContent, health.StatusCode);
        using var metadata = await _daprd.Http.GetAsync($"http://127.0.0.1:{_daprd.PublicPort}/v1.0/metadata");
        Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);
    }

    [Theory]
    [InlineData(null, "missing api token in request metadata")]
    [InlineData("wrong", "authentication error: api token mismatch")]
    public async Task Grpc_calls_without_the_token_are_unauthenticated(string? token, string cause)
    {
        var headers = new RpcMetadata();
        if (token is not null)
            headers.Add("dapr-api-token", token);
        var error = await Assert.ThrowsAsync<RpcException>(() => _daprd.Grpc.GetMetadataAsync(new GetMetadataRequest(), headers).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
        var details = Google.Rpc.Status.Parser.ParseFrom(error.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal(cause, Assert.Single(details.Details).Unpack<Google.Rpc.ErrorInfo>().Metadata["http.error_message"]);
    }

    [Fact]
    public async Task Grpc_calls_with_the_token_are_served()
    {
        var answer = await _daprd.Grpc.GetMetadataAsync(new GetMetadataRequest(), new RpcMetadata { { "dapr-api-token", "secret" } });
        Assert.Equal(_daprd.AppId, answer.Id);
    }
}
