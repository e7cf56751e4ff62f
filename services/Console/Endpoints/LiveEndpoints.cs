using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Console.Snapshots;

namespace RealTimeMesh.Console.Endpoints;

/// <summary><c>/api/snapshot</c>: the mesh now; <c>/api/live</c>: the same as server-sent events, once a second.</summary>
internal sealed class LiveEndpoints(SnapshotFeed feed, ConsoleOptions options, IHostApplicationLifetime lifetime)
{
    private int _connections;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/snapshot", Snapshot);
        routes.MapGet("/api/live", LiveAsync);
    }

    private IResult Snapshot(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(feed.Latest.Json, "application/json");
    }

    /// <param name="only"><c>at</c> sends the moment of each snapshot and not the snapshot: a page then reads itself anew.</param>
    private async Task LiveAsync(HttpContext context, string? only)
    {
        if (Interlocked.Increment(ref _connections) > options.MaxLiveConnections)
        {
            Interlocked.Decrement(ref _connections);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
            await context.Response.WriteAsync($"{options.MaxLiveConnections} browsers are watching already, the most allowed; close one or raise MESH_CONSOLE_BROWSERS.", context.RequestAborted);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            while (true)
            {
                var published = feed.Latest;
                await WriteAsync(context.Response, published, only == "at", stop.Token);
                await published.Replaced.Task.WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The browser went away, or the console stops.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private static async Task WriteAsync(HttpResponse response, SnapshotFeed.Published published, bool onlyAt, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync("data: "u8.ToArray(), cancellationToken);
        await response.Body.WriteAsync(onlyAt ? Encoding.UTF8.GetBytes($"{{\"at\":\"{published.Snapshot.At:O}\"}}") : published.Json, cancellationToken);
        await response.Body.WriteAsync("\n\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
