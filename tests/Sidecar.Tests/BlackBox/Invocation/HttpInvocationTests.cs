using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class HttpInvocationTests(InvocationPair pair) : IClassFixture<InvocationPair>
{
    [Theory]
    [InlineData("/v1.0/invoke/{0}/method/foo", false)]
    [InlineData("/v1.0////invoke/{0}/method/foo", false)]
    [InlineData("/v1.0//invoke//{0}/method//foo", false)]
    [InlineData("///foo", true)]
    public async Task Call_passes_verb_and_status_whatever_the_form_of_its_address(string path, bool byHeader)
    {
        foreach (var callee in (Daprd[])[pair.Callee, pair.Caller])
        {
            foreach (var (verb, status) in ((string, int)[])[("GET", 200), ("POST", 201), ("PUT", 202), ("DELETE", 409), ("PATCH", 502)])
            {
                // A URI would take the first two slashes for the beginning of a host.
                using var request = new HttpRequestMessage(HttpMethod.Parse(verb), new Uri($"http://127.0.0.1:{pair.Caller.HttpPort}{string.Format(null, path, callee.AppId)}"));
                if (byHeader)
                    request.Headers.Add("dapr-app-id", callee.AppId);
                using var response = await pair.Caller.Http.SendAsync(request);
                Assert.Equal(status, (int)response.StatusCode);
                Assert.Equal(verb, await response.Content.ReadAsStringAsync());
                Assert.False(response.Headers.Contains("dapr-app-id"));
            }
        }
    }

    [Fact]
    public async Task User_of_basic_authentication_names_the_app()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/foo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"dapr-app-id:{pair.Callee.AppId}")));
        using var response = await pair.Caller.Http.SendAsync(request);
        Assert.Equal("GET", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task App_in_its_namespace_is_found()
    {
        Assert.Equal("GET", await pair.Caller.Http.GetStringAsync($"/v1.0/invoke/{pair.Callee.AppId}.default/method/foo"));
    }

    [Fact]
    public async Task Unknown_path_gets_the_apps_404()
    {
        using var response = await pair.Caller.Http.PostAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/doesntexist", null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("the app knows no such path", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Call_without_a_method_is_404()
    {
        using var response = await pair.Caller.Http.PostAsync($"/v1.0/invoke/{pair.Callee.AppId}", null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        using var root = new HttpRequestMessage(HttpMethod.Post, "/") { Headers = { { "dapr-app-id", pair.Callee.AppId } } };
        using var second = await pair.Caller.Http.SendAsync(root);
        Assert.Equal(HttpStatusCode.NotFound, second.StatusCode);
    }

    [Fact]
    public async Task Call_with_an_empty_method_reaches_the_root_of_the_app()
    {
        foreach (var callee in (Daprd[])[pair.Callee, pair.Caller])
        {
            var direct = await pair.Caller.PostAsync($"/v1.0/invoke/{callee.AppId}/method/?path", "", null);
            Assert.Equal((HttpStatusCode.OK, "/?path"), (direct.Status, direct.Body));
            var byHeader = await pair.Caller.PostAsync("/?path", "", null, ("dapr-app-id", callee.AppId));
            Assert.Equal((HttpStatusCode.OK, "/?path"), (byHeader.Status, byHeader.Body));
        }
    }

    [Fact]
    public async Task Headers_of_any_allowed_characters_arrive()
    {
        const string Names = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
        const string Values = Names + " :;,\\/\"'?!(){}[]@<>=+*#$&`|^%";
        var random = new Random(11);
        for (var i = 0; i < 200; i++)
        {
            var (name, value) = ("x" + Text(Names), Text(Values).Trim() + "x");
            var callee = i % 2 == 0 ? pair.Callee : pair.Caller;
            var answer = await pair.Caller.PostAsync($"/v1.0/invoke/{callee.AppId}/method/headers", "body", null, (name, value));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Contains($"{name}: {value}".ToLowerInvariant(), answer.Body.ToLowerInvariant(), StringComparison.Ordinal);
        }

        string Text(string characters) => string.Concat(Enumerable.Range(0, random.Next(1, 100)).Select(_ => characters[random.Next(characters.Length)]));
    }

    [Fact]
    public async Task Path_of_nobody_is_404_with_the_code_of_invocation()
    {
        using var response = await pair.Caller.Http.GetAsync("/no/such/path");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("ERR_DIRECT_INVOKE", error.RootElement.GetProperty("errorCode").GetString());
        Assert.Equal("failed getting app id either from the URL path or the header dapr-app-id", error.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Unknown_app_is_500_with_its_name()
    {
        using var response = await pair.Caller.Http.GetAsync("/v1.0/invoke/no-such-app/method/foo");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("ERR_DIRECT_INVOKE", error.RootElement.GetProperty("errorCode").GetString());
        Assert.StartsWith("failed to invoke, id: no-such-app, err: ", error.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(error.RootElement.TryGetProperty("details", out _));
    }

    [Fact]
    public async Task Hundred_calls_at_once_get_their_own_answers()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            using var response = await pair.Caller.Http.PostAsync($"/v1.0/invoke/{pair.Callee.AppId}/method/echo", new StringContent($"call {number}"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("POST", response.Headers.GetValues("x-method").Single());
            Assert.Equal($"call {number}", await response.Content.ReadAsStringAsync());
        }));
    }

    [Theory]
    [InlineData("bytes?count=4&type=application/json", 4)]
    [InlineData("bytes?count=0&type=text/plain", 0)]
    [InlineData("bytes?count=8192&type=application/octet-stream", 8192)]
    public async Task Answer_is_as_long_as_the_app_made_it(string method, int length)
    {
        foreach (var callee in (Daprd[])[pair.Caller, pair.Callee])
        {
            using var response = await pair.Caller.Http.GetAsync($"/v1.0/invoke/{callee.AppId}/method/{method}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(length, body.Length);
            Assert.True(response.Content.Headers.ContentLength is null || response.Content.Headers.ContentLength == length);
        }
    }

    [Theory]
    [InlineData("Content-Length: 999", "more than it sends is the body")]
    [InlineData("Content-Length: 4\r\nConnection: X-Nominated\r\nX-Nominated: 1", "headers of its connection are kept from the caller")]
    public async Task Answer_of_an_untidy_app_is_put_in_order(string headers, string what)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ServeAsync();
        using var response = await pair.Caller.Http.GetAsync($"/v1.0/invoke/http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/method/x");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("\"ok\"", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("X-Nominated"), what);
        await serving;

        async Task ServeAsync()
        {
            using var client = await server.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            var request = new StringBuilder();
            var buffer = new byte[1024];
            while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                request.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n\r\n\"ok\""));
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await stream.ReadAsync(buffer));
        }
    }

    [Fact]
    public async Task App_learns_who_calls_and_a_caller_cannot_pretend()
    {
        foreach (var callee in (Daprd[])[pair.Callee, pair.Caller])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{callee.AppId}/method/headers");
            request.Headers.Add("Dapr-Caller-App-Id", "somebody-else");
            request.Headers.Add("dapr-caller-namespace", "elsewhere");
            request.Headers.Add("DAPR-CALLEE-APP-ID", "somebody-else");
            request.Headers.Add("X-Request-Id", "req-1");
            using var response = await pair.Caller.Http.SendAsync(request);
            var headers = await response.Content.ReadAsStringAsync();
            Assert.Contains($"dapr-caller-app-id: {pair.Caller.AppId}", headers, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("dapr-caller-namespace: default", headers, StringComparison.OrdinalIgnoreCase);
            Assert.Contains($"dapr-callee-app-id: {callee.AppId}", headers, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("else", headers, StringComparison.Ordinal);
            Assert.Contains("X-Request-Id: req-1", headers, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("traceparent: 00-", headers, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Trace_of_the_caller_goes_on_in_the_app()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{pair.Callee.AppId}/method/headers") { Headers = { { "traceparent", $"00-{Trace}-00f067aa0ba902b7-01" } } };
        using var response = await pair.Caller.Http.SendAsync(request);
        Assert.Contains($"traceparent: 00-{Trace}-", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Address_in_place_of_an_id_is_called_itself_and_may_redirect()
    {
        var answer = await pair.Caller.Http.GetStringAsync($"/v1.0/invoke/http://localhost:{pair.AppPort}/method/foo");
        Assert.Equal("GET", answer);
        using var moved = await pair.Caller.Http.GetAsync($"/v1.0/invoke/http://localhost:{pair.AppPort}/method/moved");
        Assert.Contains(moved.StatusCode, (HttpStatusCode[])[HttpStatusCode.MovedPermanently, HttpStatusCode.OK, HttpStatusCode.NotFound]);
    }

    [Fact]
    public async Task Caller_that_follows_a_redirect_arrives()
    {
        var called = false;
        var port = 0;
        await using var server = await WebTestApp.StartAsync(context =>
        {
            if (context.Request.Path == "/events")
                context.Response.Redirect($"http://localhost:{port}/helloworld", permanent: true);
            else
                called = context.Request.Path == "/helloworld";
            return Task.CompletedTask;
        });
        port = server.Port;
        using var response = await pair.Caller.Http.GetAsync($"/v1.0/invoke/http://localhost:{port}/method/events");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(called);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_500_with_the_cause()
    {
        var port = FreePorts.Next();
        using var response = await pair.Caller.Http.GetAsync($"/v1.0/invoke/http://127.0.0.1:{port}/method/x");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("ERR_DIRECT_INVOKE", text, StringComparison.Ordinal);
        Assert.Contains("connection refused", text, StringComparison.Ordinal);
    }
}
