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
/// them, personal data masked. It ends when the browser leaves; a browser that reads slowly slows the search.
/// </summary>
internal sealed class MessageStreams(BackendClient client, BackendList backends, MessageMasking masking, ConsoleOptions options, IHostApplicationLifetime lifetime)
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
            using var answer = await client.OpenAsync(topics, $"/v1/topics/{Uri.EscapeDataString(topic)}/messages?{query}", stop.Token);
            if (!answer.IsSuccessStatusCode)
            {
                var body = await answer.Content.ReadAsByteArrayAsync(stop.Token);
                await RefuseAsync(context, (int)answer.StatusCode, $"topics: {(BackendClient.Detail(body) is { Length: > 0 } detail ? detail : $"answered {(int)answer.StatusCode}")}");
                return;
            }

            context.Response.ContentType = "application/x-ndjson";
            context.Response.Headers.CacheControl = "no-store";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await CopyAsync(topic, await answer.Content.ReadAsStreamAsync(stop.Token), context.Response, stop.Token);
        }
        catch (HttpRequestException exception)
        {
            await RefuseAsync(context, StatusCodes.Status502BadGateway, $"topics: {(exception.HttpRequestError == HttpRequestError.ConnectionError ? "connection refused" : exception.Message)}");
        }
        catch (IOException exception) when (!stop.IsCancellationRequested)
        {
            // The administration went away in the middle of its answer.
            await RefuseAsync(context, StatusCodes.Status502BadGateway, $"topics: {exception.Message}");
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

    private async Task CopyAsync(string topic, Stream from, HttpResponse to, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(from);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
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
