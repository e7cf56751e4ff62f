using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>Two sidecars, one app that tells what it got: the first sidecar's own, and that of the second for the first.</summary>
public sealed class InvocationPair : IAsyncLifetime
{
    private WebTestApp? _app;
    private Daprd? _caller;
    private Daprd? _callee;

    internal Daprd Caller => _caller!;

    internal Daprd Callee => _callee!;

    internal int AppPort => _app!.Port;

    public async ValueTask InitializeAsync()
    {
        _app = await WebTestApp.StartAsync(HandleAsync);
        _caller = await Daprd.StartAsync(new DaprdSetup { AppPort = AppPort });
        _callee = await Daprd.StartAsync(new DaprdSetup { AppPort = AppPort });
    }

    public async ValueTask DisposeAsync()
    {
        if (_caller is not null)
            await _caller.DisposeAsync();
        if (_callee is not null)
            await _callee.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        switch (request.Path.Value)
        {
            case "/foo":
                response.StatusCode = request.Method switch { "PATCH" => 502, "POST" => 201, "PUT" => 202, "DELETE" => 409, _ => 200 };
                await response.WriteAsync(request.Method);
                break;
            case "/echo":
                response.Headers["x-method"] = request.Method;
                await request.Body.CopyToAsync(response.Body);
                break;
            case "/headers":
                await response.WriteAsync(string.Join('\n', request.Headers.SelectMany(header => header.Value.Select(value => $"{header.Key}: {value}"))));
                break;
            case "/hop-by-hop":
                foreach (var (name, value) in HopByHopTests.ResponseHeaders)
                    response.Headers[name] = value;
                response.Headers["X-Custom-Response"] = "should-be-forwarded";
                response.Headers["dapr-app-id"] = "app";
                await response.WriteAsync("ok");
                break;
            case "/moved":
                response.Redirect("/foo", permanent: true);
                break;
            case "/bytes":
                response.ContentType = request.Query["type"].ToString();
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes(new string('x', int.Parse(request.Query["count"]!, CultureInfo.InvariantCulture))));
                break;
            case "/path":
            case { } when request.Query.ContainsKey("path") || request.Headers.ContainsKey("x-path"):
                await response.WriteAsync(WebTestApp.RawTarget(context));
                break;
            default:
                response.StatusCode = 404;
                await response.WriteAsync("the app knows no such path");
                break;
        }
    }
}
