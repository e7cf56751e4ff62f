using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>An HTTP app in this process: hands each posted body to a handler by its path. Nothing but Kestrel is in between.</summary>
internal sealed class BenchmarkApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BenchmarkApp(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <param name="subscriptions">Answer to <c>/dapr/subscribe</c>.</param>
    /// <param name="handler">Gets path and body; answers with a body, or with none where it returns null.</param>
    public static async Task<BenchmarkApp> StartAsync(string subscriptions, Func<string, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>?>> handler, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await AnswerAsync(context, subscriptions);
                return;
            }

            var reader = context.Request.BodyReader;
            var read = await reader.ReadAsync(context.RequestAborted);
            while (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await reader.ReadAsync(context.RequestAborted);
            }

            var body = read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray();
            var answer = await handler(context.Request.Path.Value ?? "", body);
            reader.AdvanceTo(read.Buffer.End);
            if (answer is not { } bytes)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bytes.Length;
            await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        });
        await app.StartAsync(cancellationToken);
        return new BenchmarkApp(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, string subscriptions)
    {
        if (context.Request.Path != "/dapr/subscribe")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(subscriptions);
    }
}
