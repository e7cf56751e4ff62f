using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary><c>/v1/views</c>: what views there are and how they do; <c>/v1/views/{pipeline}/{view}</c>: their windows; <c>/v1/held</c>: what holds windows open.</summary>
internal static class ViewEndpoints
{
    public static WebApplication MapViews(this WebApplication app)
    {
        app.MapGet("/v1/views", List);
        app.MapGet("/v1/views/{pipeline}/{view}", ReadAsync);
        app.MapGet("/v1/held", FlowAnswers.HeldAsync);
        return app;
    }

    private static Ok<ViewsAnswer> List(StreamSet streams) => TypedResults.Ok(new ViewsAnswer(
        [.. streams.Workers.SelectMany(worker => worker.Engine.Views.Select((view, index) => Describe(worker, view, index)))],
        [.. streams.Flows.SelectMany(FlowAnswers.Describe)]));

    private static async Task<IResult> ReadAsync(StreamSet streams, HttpContext context, string pipeline, string view, string? key, string? from, string? to, int? limit, string? order, string? after)
    {
        var flow = streams.FindFlow(pipeline, view);
        var found = streams.Find(pipeline, view);
        if (found is null && flow is null)
            return Problem(StatusCodes.Status404NotFound, $"view '{pipeline}/{view}' is not there; expected one of those that /v1/views lists");
        if (!TryTime(from, out var start) || !TryTime(to, out var end))
            return Problem(StatusCodes.Status400BadRequest, $"found from '{from}' and to '{to}'; expected ISO 8601 times such as 2001-01-01T00:00:00Z");
        if (order is not (null or "asc" or "desc"))
            return Problem(StatusCodes.Status400BadRequest, $"found order '{order}'; expected asc or desc");
        try
        {
            var query = new ViewQuery { Key = key, From = start, To = end, Limit = limit ?? 100, Descending = order != "asc", After = after };
            if (flow is { } other)
                return new FlowAnswers.Rows(other.View, await other.Worker.Engine.QueryAsync($"{pipeline}.{view}", query, context.RequestAborted));
            var (worker, definition) = found!.Value;
            return new ViewResult(definition, await worker.Engine.QueryAsync(view, query, context.RequestAborted));
        }
        catch (StreamingException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (RpcException exception)
        {
            return Problem(StatusCodes.Status503ServiceUnavailable, $"the state store does not answer: {exception.Status.Detail}");
        }
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    private static bool TryTime(string? text, out DateTime? time)
    {
        time = null;
        if (text is null)
            return true;
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed))
            return false;
        time = parsed;
        return true;
    }

    private static ViewAnswer Describe(StreamWorker worker, ViewDefinition view, int index)
    {
        var partitions = worker.Engine.Partitions;
        return new ViewAnswer(view.Pipeline, view.Name, view.From.Name, view.Where?.Text, (long)view.Window.TotalMilliseconds, view.By,
            [.. view.Select.Select(column => new ColumnAnswer(column.Name, column.Function, column.Argument?.Text))],
            (long)view.AllowedLateness.TotalMilliseconds, (long)view.Retain.TotalMilliseconds,
            partitions.Sum(status => status.Views[index].Groups), partitions.Sum(status => status.Views[index].Windows),
            partitions.Min(status => status.Views[index].OldestOpen), partitions.Sum(status => status.Views[index].Late), worker.Rate.PerSecond(),
            [.. worker.Engine.Watermarks().Select(mark => new ViewWatermark(mark.Partition, mark.Own, mark.Effective, mark.IsIdle))]);
    }

    internal sealed record ViewsAnswer(IReadOnlyList<ViewAnswer> Views, IReadOnlyList<FlowAnswers.FlowAnswer> Flows);

    internal sealed record ViewAnswer(
        string Pipeline, string View, string From, string? Where, long WindowMs, IReadOnlyList<string> By, IReadOnlyList<ColumnAnswer> Columns,
        long AllowedLatenessMs, long RetainMs, int Groups, int Windows, DateTime? OldestOpen, long Late, double EventsPerS, IReadOnlyList<ViewWatermark> Watermarks);

    internal sealed record ColumnAnswer(string Name, string Function, string? Argument);

    internal sealed record ViewWatermark(int Partition, DateTime? Watermark, DateTime? Effective, bool Idle);

    /// <summary>Rows are written by the engine: their columns are the view's own.</summary>
    private sealed class ViewResult(ViewDefinition view, ViewPage page) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/json";
            await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
            json.WriteStartObject();
            json.WriteString("pipeline"u8, view.Pipeline);
            json.WriteString("view"u8, view.Name);
            json.WriteStartArray("columns"u8);
            foreach (var name in (string[])[.. view.By, .. view.Select.Select(column => column.Name), "start", "end", "final"])
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteStartArray("rows"u8);
            foreach (var row in page.Rows)
                row.Write(json);
            json.WriteEndArray();
            json.WriteString("next"u8, page.Next);
            json.WriteEndObject();
        }
    }
}
