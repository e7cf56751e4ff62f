using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Verb = Dapr.Client.Autogen.Grpc.v1.HTTPExtension.Types.Verb;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary><c>InvokeService</c> of gRPC apps.</summary>
public sealed class GrpcInvocationTests : IAsyncLifetime
{
    private readonly GrpcTestApp _app = new();
    private Daprd? _caller;
    private Daprd? _callee;
    private RpcMetadata? _got;

    public async ValueTask InitializeAsync()
    {
        _app.OnInvoke = (request, call) =>
        {
            _got = call.RequestHeaders;
            return request.Method switch
            {
                "foo" => Answer($"{request.HttpExtension.Verb}", "201"),
                "typed" => Task.FromResult(new InvokeResponse { ContentType = "application/json", Data = new Any { Value = ByteString.CopyFromUtf8($"{request.Data.Value.ToStringUtf8()}/{request.Data.TypeUrl}"), TypeUrl = "mytype" } }),
                "fails" => throw new RpcException(new Status(StatusCode.Unknown, "invalid method")),
                _ => Answer(request.Method, "text/plain"),
            };
        };
        await _app.StartAsync();
        _caller = await Daprd.StartAsync();
        _callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = _app.Port });
    }

    public async ValueTask DisposeAsync()
    {
        if (_caller is not null)
            await _caller.DisposeAsync();
        if (_callee is not null)
            await _callee.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Verb_body_and_content_type_pass()
    {
        foreach (var verb in (Verb[])[Verb.Get, Verb.Post, Verb.Put, Verb.Delete, Verb.Patch])
        {
            var response = await InvokeAsync("foo", verb);
            Assert.Equal($"{verb}", response.Data.Value.ToStringUtf8());
            Assert.Equal("201", response.ContentType);
        }

        Assert.Equal(_caller!.AppId, _got!.GetValue("dapr-caller-app-id"));
        Assert.Equal(_callee!.AppId, _got.GetValue("dapr-callee-app-id"));
        Assert.Equal("default", _got.GetValue("dapr-caller-namespace"));
        Assert.NotNull(_got.GetValueBytes("grpc-trace-bin"));
    }

    [Fact]
    public async Task Type_of_a_protobuf_body_passes_both_ways()
    {
        var response = await _caller!.Grpc.InvokeServiceAsync(new InvokeServiceRequest
        {
            Id = _callee!.AppId,
            Message = new InvokeRequest { Method = "typed", Data = new Any { Value = ByteString.CopyFromUtf8("emozioni"), TypeUrl = "pfm" } },
        });
        Assert.Equal("emozioni/pfm", response.Data.Value.ToStringUtf8());
        Assert.Equal("mytype", response.Data.TypeUrl);
    }

    [Fact]
    public async Task Error_of_the_app_keeps_code_and_message()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => InvokeAsync("fails"));
        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Equal("invalid method", error.Status.Detail);
        using var response = await _caller!.Http.GetAsync($"/v1.0/invoke/{_callee!.AppId}/method/fails");
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Equal("""{"code":2,"message":"invalid method"}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("test\"stream", "test\"stream")]
    [InlineData("test%stream", "test%stream")]
    [InlineData("test%2Fstream", "test%2Fstream")]
    [InlineData("admin/../public", "public")]
    [InlineData("admin/../../public", "public")]
    [InlineData("public/", "public")]
    [InlineData("api///v1///users", "api/v1/users")]
    public async Task Method_is_cleaned_and_not_decoded(string method, string expected) => Assert.Equal(expected, (await InvokeAsync(method)).Data.Value.ToStringUtf8());

    [Theory]
    [InlineData("test#stream")]
    [InlineData("test?stream")]
    [InlineData("test\0stream")]
    [InlineData("test\rstream")]
    public async Task Method_with_characters_of_a_url_is_refused(string method)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => InvokeAsync(method));
        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.Contains("invalid method", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundred_and_fifty_calls_are_in_the_app_at_once()
    {
        var here = 0;
        var all = new TaskCompletionSource();
        _app.OnInvoke = async (_, _) =>
        {
            if (Interlocked.Increment(ref here) == 150)
                all.SetResult();
            await all.Task;
            return new InvokeResponse();
        };
        await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => InvokeAsync("pool"))).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }

    private static Task<InvokeResponse> Answer(string text, string type) =>
        Task.FromResult(new InvokeResponse { ContentType = type, Data = new Any { Value = ByteString.CopyFromUtf8(text) } });

    private async Task<InvokeResponse> InvokeAsync(string method, Verb verb = Verb.Get) => await _caller!.Grpc.InvokeServiceAsync(new InvokeServiceRequest
    {
        Id = _callee!.AppId,
        Message = new InvokeRequest { Method = method, HttpExtension = new HTTPExtension { Verb = verb } },
    });
}
