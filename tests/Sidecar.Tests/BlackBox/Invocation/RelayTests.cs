using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>What passes on its way through sidecars without being kept there: events over several of them, and bodies larger than they may grow.</summary>
public sealed class RelayTests
{
    private const int Megabyte = 1 << 20;
    private const int Large = 256 * Megabyte;

    /// <summary>How much a sidecar may grow while <see cref="Large"/> bytes pass.</summary>
    private const long Growth = 80 * Megabyte;

    [Fact]
    public async Task Events_of_an_endpoint_pass_to_the_last()
    {
        await using var server = await WebTestApp.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 1; i <= 10; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n");
                await context.Response.Body.FlushAsync();
            }
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [$"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata:\n  name: myserver\nspec:\n  version: v1alpha1\n  baseUrl: http://localhost:{server.Port}\n"],
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1.0/invoke/myserver/method/events") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await daprd.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(string.Concat(Enumerable.Range(1, 10).Select(i => $"data: {i}\n\n")), await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Events_pass_one_by_one_from_app_to_app_to_app()
    {
        using var next = new SemaphoreSlim(0);
        await using var source = await WebTestApp.StartAsync(async context =>
        {
            if (context.Request.Path != "/events")
                return;
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 5; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n");
                await context.Response.Body.FlushAsync();
                // The next leaves when this one has arrived at the far end.
                await next.WaitAsync(TimeSpan.FromSeconds(60));
            }
        });
        await using var first = await Daprd.StartAsync(new DaprdSetup { AppPort = source.Port });
        Daprd? second = null;
        await using var middle = await WebTestApp.StartAsync(context => ForwardAsync(context, second!, first.AppId));
        await using var its = second = await Daprd.StartAsync(new DaprdSetup { AppPort = middle.Port });
        await using var third = await Daprd.StartAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{its.AppId}/method/events") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await third.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
            next.Release();
        }

        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Large_bodies_pass_in_both_directions_without_being_kept()
    {
        await using var app = await WebTestApp.StartAsync(async context =>
        {
            if (context.Request.Path == "/large-response")
            {
                var chunk = Encoding.ASCII.GetBytes(new string('X', Megabyte));
                for (var sent = 0; sent < Large; sent += chunk.Length)
                    await context.Response.Body.WriteAsync(chunk);
            }
            else if (context.Request.Path == "/sink")
            {
                await context.Response.WriteAsync($"{await CountAsync(context.Request.Body)}");
            }
        });
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Flags = ["--max-body-size=512Mi"] });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Flags = ["--max-body-size=512Mi"] });
        Daprd[] sidecars = [caller, callee];
        var before = sidecars.Select(sidecar => sidecar.ResidentBytes).ToArray();
        var peaks = before.ToArray();
        using var done = new CancellationTokenSource();
        var sampling = SampleAsync();

        using (var response = await caller.Http.GetAsync($"/v1.0/invoke/{callee.AppId}/method/large-response", HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(Large, await CountAsync(await response.Content.ReadAsStreamAsync()));
        using (var content = new ChunkedZeros(Large))
        using (var response = await caller.Http.PostAsync($"/v1.0/invoke/{callee.AppId}/method/sink", content))
            Assert.Equal((HttpStatusCode.OK, $"{Large}"), (response.StatusCode, await response.Content.ReadAsStringAsync()));

        await done.CancelAsync();
        await sampling;
        for (var i = 0; i < sidecars.Length; i++)
            Assert.True(peaks[i] - before[i] < Growth, $"sidecar {i} grew by {(peaks[i] - before[i]) / Megabyte} MiB; expected less than {Growth / Megabyte}");

        async Task SampleAsync()
        {
            while (!done.IsCancellationRequested)
            {
                for (var i = 0; i < sidecars.Length; i++)
                    peaks[i] = Math.Max(peaks[i], sidecars[i].ResidentBytes);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task ForwardAsync(HttpContext context, Daprd sidecar, string appId)
    {
        if (context.Request.Path != "/events")
            return;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1.0/invoke/{appId}/method/events") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await sidecar.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            await context.Response.WriteAsync(line + "\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[Megabyte];
        long count = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
            count += read;
        return count;
    }

    /// <summary>A body whose length nobody is told.</summary>
    private sealed class ChunkedZeros(int length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var chunk = new byte[Megabyte];
            for (var sent = 0; sent < length; sent += chunk.Length)
                await stream.WriteAsync(chunk);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
