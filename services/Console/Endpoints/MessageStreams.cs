using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Privacy;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>
/// <c>/api/topics/{topic}/messages</c>: a search, or a topic as it is written, line by line as the administration of topics finds
/// them, personal data masked. It ends when the browser leaves, or when the administration falls silent in the middle of a search;
/// a browser that reads slowly slows the search.
/// </summary>
internal sealed class MessageStreams(BackendClient client, BackendList backends, MessageMasking masking, ConsoleOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int MaxLineCharacters = 2_000_000;

    private int _streams;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/topics/{topic}/messages", StreamAsync);

    private async Task StreamAsync(HttpContext context, string topic)
    {
        if (backends.Topics is not { } topics)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "topics: the pub/sub component has no administration.");
            return;
        }

        if (Interlocked.Increment(ref _streams) > options.MaxLiveConnections)
        {
            Interlocked.Decrement(ref _streams);
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"{options.MaxLiveConnections} searches are under way already, the most allowed; end one or raise MESH_CONSOLE_BROWSERS.");
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            // Fields of a form that were left empty.
            var query = string.Join('&', context.Request.Query.SelectMany(pair => pair.Value.Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value!.Trim())}")));
            using var answer = await client.OpenAsync(topics, $"/v1/topics/{Uri.EscapeDataString(topic)}/messages?{query}", stop.Token).WaitAsync(options.ActionTimeout, time, stop.Token);
            if (!answer.IsSuccessStatusCode)
            {
                var body = await answer.Content.ReadAsByteArrayAsync(stop.Token);
                await RefuseAsync(context, (int)answer.StatusCode, $"topics: {(BackendClient.Detail(body) is { Length: > 0 } detail ? detail : $"answered {(int)answer.StatusCode}")}");
                return;
            }

            context.Response.ContentType = "application/x-ndjson";
            context.Response.Headers.CacheControl = "no-store";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            var isEndless = string.Equals(context.Request.Query["follow"], "true", StringComparison.OrdinalIgnoreCase);
            await CopyAsync(topic, await answer.Content.ReadAsStreamAsync(stop.Token), context.Response, isEndless, stop.Token);
        }
        catch (HttpRequestException exception)
        {
            await RefuseAsync(context, StatusCodes.Status502BadGateway, $"topics: {BackendClient.Reason(exception)}");
        }
        catch (TimeoutException)
        {
            await stop.CancelAsync();
            await RefuseAsync(context, StatusCodes.Status504GatewayTimeout, $"topics: no answer within {options.ActionTimeout.TotalSeconds:0.#} s.");
        }
        catch (IOException) when (!stop.IsCancellationRequested)
        {
            // The administration went away in the middle of its answer.
            await RefuseAsync(context, StatusCodes.Status502BadGateway, "topics: the connection broke off");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The browser left, or the console stops.
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    /// <param name="isEndless">Silence is no fault: nothing is written to the topic.</param>
    private async Task CopyAsync(string topic, Stream from, HttpResponse to, bool isEndless, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(from);
        var silence = isEndless ? Timeout.InfiniteTimeSpan : options.ActionTimeout;
        while (await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(silence, time, cancellationToken) is { } line)
        {
            if (line.Length > MaxLineCharacters)
                line = """{"type":"error","error":"a message is too large to be shown; ask for fewer bytes with 'cut'"}""";
            await to.WriteAsync(masking.Mask(topic, line) + "\n", cancellationToken);
            await to.Body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Before the first line as a status, after it as a line.</summary>
    private static async Task RefuseAsync(HttpContext context, int status, string text)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return;
        var line = System.Text.Json.JsonSerializer.Serialize(new { type = "error", error = text });
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/x-ndjson";
        }

        await context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
