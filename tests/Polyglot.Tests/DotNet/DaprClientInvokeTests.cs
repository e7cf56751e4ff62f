#pragma warning disable CS0618 // The client still offers the obsolete calls, and apps use them.
using System.Net;
using System.Net.Http.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace RealTimeMesh.Polyglot.Tests.DotNet;

public sealed class DaprClientInvokeTests(DaprClientWorld world)
{
    private DaprClient Client => world.Client;

    [Fact]
    public async Task Methods_are_invoked_by_name()
    {
        Assert.Equal(new Order(4, "x"), await Client.InvokeMethodAsync<Order, Order>(world.AppId, "double", new Order(2, "x")));
        Assert.Equal(new Order(40, "x"), await Client.InvokeMethodAsync<Order, Order>(HttpMethod.Put, world.AppId, "double", new Order(2, "x")));
        Assert.Equal(new Greeting("hello "), await Client.InvokeMethodAsync<Greeting>(HttpMethod.Get, world.AppId, "hello"));
        await Client.InvokeMethodAsync(world.AppId, "fire");
        await Client.InvokeMethodAsync(HttpMethod.Post, world.AppId, "fire");
        await Client.InvokeMethodAsync(world.AppId, "double", new Order(1, "x"));
    }

    [Fact]
    public async Task Requests_are_made_and_sent()
    {
        using var request = Client.CreateInvokeMethodRequest(HttpMethod.Get, world.AppId, "hello", [new("name", "Zürich ✈")]);
        Assert.Equal(new Greeting("hello Zürich ✈"), await Client.InvokeMethodAsync<Greeting>(request));
        using var post = Client.CreateInvokeMethodRequest(HttpMethod.Post, world.AppId, "double", [], new Order(3, "x"));
        using var response = await Client.InvokeMethodWithResponseAsync(post);
        Assert.Equal(new Order(6, "x"), await response.Content.ReadFromJsonAsync<Order>());
        using var teapot = Client.CreateInvokeMethodRequest(HttpMethod.Get, world.AppId, "teapot");
        using var refused = await Client.InvokeMethodWithResponseAsync(teapot);
        Assert.Equal((418, "short and stout"), ((int)refused.StatusCode, await refused.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_failing_method_is_an_error_with_its_status()
    {
        var error = await Assert.ThrowsAsync<InvocationException>(() => Client.InvokeMethodAsync(HttpMethod.Get, world.AppId, "teapot"));
        Assert.Equal((418, world.AppId, "teapot"), ((int)error.Response.StatusCode, error.AppId, error.MethodName));
    }

    [Fact]
    public async Task An_HTTP_client_of_an_app_reaches_it()
    {
        using var http = Client.CreateInvokableHttpClient(world.AppId);
        Assert.Equal(new Greeting("hello you"), await http.GetFromJsonAsync<Greeting>("/hello?name=you"));
        using var answer = await http.PostAsJsonAsync("/double", new Order(5, "x"));
        Assert.Equal(new Order(10, "x"), await answer.Content.ReadFromJsonAsync<Order>());
        using var unknown = await http.GetAsync("/nothing-of-the-kind");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task An_HTTP_client_made_without_a_DaprClient_reaches_the_app()
    {
        using var http = DaprClient.CreateInvokeHttpClient(world.AppId, $"http://127.0.0.1:{world.Sidecar.HttpPort}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/headers");
        request.Headers.Add("x-own", "ü"u8.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request);
        var headers = await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>();
        Assert.Equal(("2", world.AppId), (headers!["x-own"], headers["dapr-caller-app-id"]));
    }

    [Fact]
    public async Task Methods_of_a_gRPC_app_are_invoked()
    {
        var client = world.GrpcAppClient;
        var answer = await client.InvokeMethodGrpcAsync<StringValue, StringValue>(world.GrpcSidecar.AppId, "Say", new StringValue { Value = "✈" });
        Assert.Equal("Say ✈", answer.Value);
        Assert.Equal("Ask ", (await client.InvokeMethodGrpcAsync<StringValue>(world.GrpcSidecar.AppId, "Ask")).Value);
        await client.InvokeMethodGrpcAsync(world.GrpcSidecar.AppId, "Do");
        await client.InvokeMethodGrpcAsync(world.GrpcSidecar.AppId, "Do", new StringValue { Value = "it" });
    }

    [Fact]
    public async Task A_service_of_a_gRPC_app_is_called_through_the_sidecar()
    {
        var invoker = DaprClient.CreateInvocationInvoker(world.GrpcSidecar.AppId, $"http://127.0.0.1:{world.GrpcSidecar.GrpcPort}");
        var served = Method("dapr.proto.runtime.v1.AppCallbackHealthCheck", "HealthCheck", HealthCheckResponse.Parser);
        Assert.NotNull(await invoker.AsyncUnaryCall(served, null, new CallOptions(), new Empty()));
        var unserved = Method("dapr.proto.runtime.v1.AppCallback", "ListTopicSubscriptions", ListTopicSubscriptionsResponse.Parser);
        var error = await Assert.ThrowsAsync<RpcException>(() => invoker.AsyncUnaryCall(unserved, null, new CallOptions(), new Empty()).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Apps_of_other_sidecars_are_reached_by_their_ids()
    {
        var answer = await Client.InvokeMethodGrpcAsync<StringValue, StringValue>(world.GrpcSidecar.AppId, "Say", new StringValue { Value = "over there" });
        Assert.Equal("Say over there", answer.Value);
        using var http = world.GrpcAppClient.CreateInvokableHttpClient(world.AppId);
        Assert.Equal(new Greeting("hello you"), await http.GetFromJsonAsync<Greeting>("/hello?name=you"));
    }

    [Fact]
    public async Task An_unknown_app_is_an_error()
    {
        using var http = Client.CreateInvokableHttpClient("nobody");
        using var answer = await http.GetAsync("/hello");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("ERR_DIRECT_INVOKE", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Method<Empty, TResponse> Method<TResponse>(string service, string name, MessageParser<TResponse> responses)
        where TResponse : class, IMessage<TResponse> =>
        new(MethodType.Unary, service, name, Marshallers.Create(message => message.ToByteArray(), Empty.Parser.ParseFrom), Marshallers.Create(message => message.ToByteArray(), responses.ParseFrom));
}
