using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Contracts;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Stored records, as a stream of lines: each is written as it is found, and the search ends with the request.</summary>
internal static class MessageEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/topics/{topic}/messages", (string topic, HttpContext context, MessageBrowser browser, MessageTail tail, CancellationToken cancellationToken) =>
            StreamAsync(QueryReader.Read(topic, context.Request.Query), context, browser, tail, cancellationToken));
        api.MapPost("/topics/{topic}/messages/search", (string topic, MessageQuery query, HttpContext context, MessageBrowser browser, MessageTail tail, CancellationToken cancellationToken) =>
            StreamAsync(query with { Topic = topic }, context, browser, tail, cancellationToken));
    }

    private static async Task<IResult> StreamAsync(MessageQuery query, HttpContext context, MessageBrowser browser, MessageTail tail, CancellationToken cancellationToken)
    {
        var lines = query.Follow ? await tail.FollowAsync(query, cancellationToken) : await browser.BrowseAsync(query, cancellationToken);
        return Results.Stream(output => WriteAsync(lines, output, context, cancellationToken), "application/x-ndjson");
    }

    private static async Task WriteAsync(IAsyncEnumerable<BrowseLine> lines, Stream output, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in lines.WithCancellation(cancellationToken))
                await LineAsync(line);
        }
        catch (RealTimeMeshException exception)
        {
            // The status is sent already: the last line says what went wrong.
            await LineAsync(new { Type = "error", Error = exception.Message });
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone; there is nobody to tell.
        }

        async Task LineAsync(object line)
        {
            await output.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, line.GetType(), Json), (byte)'\n'], cancellationToken);
            await output.FlushAsync(cancellationToken);
        }
    }
}
