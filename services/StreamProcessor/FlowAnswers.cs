using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>What is told of views over sliding windows, sessions and joins.</summary>
internal static class FlowAnswers
{
    public static IEnumerable<FlowAnswer> Describe(FlowWorker worker)
    {
        var partitions = worker.Engine.Partitions;
        foreach (var view in worker.Views)
        {
            var name = $"{view.Pipeline}.{view.Name}:";
            yield return new FlowAnswer(
                view.Pipeline, view.Name, [.. view.Streams.Select(stream => stream.Name)], view.Where?.Text, Window(view.Window), view.By, Columns(view),
                partitions.Sum(status => status.Views.Where(table => table.View == $"{view.Pipeline}.{view.Name}").Sum(table => (long)table.Rows)),
                partitions.Sum(status => status.Late.Where(step => step.Step.StartsWith(name, StringComparison.Ordinal)).Sum(step => step.Late)),
                partitions.Sum(status => status.StateBytes),
                [.. partitions.SelectMany(status => status.LateEvents).Where(item => item.Step.StartsWith(name, StringComparison.Ordinal)).Select(item => new LateAnswer(item.Topic, item.Partition, item.Offset, EventTimes.Format(item.Time), EventTimes.Format(item.Watermark)))]);
        }
    }

    /// <summary>Which partition and event hold the first window of each view open.</summary>
    public static async Task<Ok<HeldAnswers>> HeldAsync(StreamSet streams, CancellationToken cancellationToken)
    {
        List<HeldAnswer> held = [];
        foreach (var flow in streams.Flows)
        {
            foreach (var item in await flow.Engine.ExplainAsync(cancellationToken))
                held.Add(new HeldAnswer(item.Step, EventTimes.Format(item.Window.Start), EventTimes.Format(item.Window.End), item.Topic, item.Partition, item.Offset, item.ToString()));
        }

        return TypedResults.Ok(new HeldAnswers(held));
    }

    internal sealed record FlowAnswer(
        string Pipeline, string View, IReadOnlyList<string> From, string? Where, string? Window, IReadOnlyList<string> By, IReadOnlyList<string> Columns, long Rows, long Late, long StateBytes, IReadOnlyList<LateAnswer> LateEvents);

    internal sealed record LateAnswer(string Topic, int Partition, long Offset, string Time, string Watermark);

    internal sealed record HeldAnswers(IReadOnlyList<HeldAnswer> Held);

    internal sealed record HeldAnswer(string Step, string Start, string End, string Topic, int Partition, long Offset, string Text);

    private static string? Window(FlowWindowDefinition? window) =>
        window is null ? null : window.IsGlobal ? $"global each {window.Rows}" : window.Rows > 0 ? $"count {window.Rows}" : window.Gap > TimeSpan.Zero ? $"session {window.Gap}" : window.Size == window.Slide ? $"tumbling {window.Size}" : $"sliding {window.Size} {window.Slide}";

    private static string[] Columns(FlowDefinition view) =>
        view.Window is not null ? [.. view.Aggregates.Select(column => column.Name)] : [.. view.Columns.Select(column => column.Name).Except(view.By)];

    /// <summary>Rows of a view, as those of the other views are told.</summary>
    internal sealed class Rows(FlowDefinition view, FlowPage page) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/json";
            await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
            json.WriteStartObject();
            json.WriteString("pipeline"u8, view.Pipeline);
            json.WriteString("view"u8, view.Name);
            json.WriteStartArray("columns"u8);
            foreach (var name in (string[])[.. view.By, .. Columns(view), "start", "end", "final"])
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteStartArray("rows"u8);
            foreach (var row in page.Rows)
                json.WriteRawValue(row.Json);
            json.WriteEndArray();
            json.WriteString("next"u8, page.Next);
            json.WriteEndObject();
        }
    }
}
