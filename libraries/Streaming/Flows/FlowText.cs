using System.Globalization;

namespace RealTimeMesh.Streaming;

/// <summary>A logical plan as text: two plans have the same text where the state of one may be taken for the other's.</summary>
internal static class FlowText
{
    public static string Of(FlowNode node) => node switch
    {
        SourceNode source => $"{source.Source.Topic}@{source.Source.TimeField}({Fields(node)})",
        SelectNode select => $"select({Of(select.Input)}; where {select.Where?.Text}; {string.Join(", ", select.Columns?.Select(column => $"{column.Name}={column.Value.Text}") ?? [])})",
        WindowNode window => $"window({Of(window.Input)}; {window.Window} +{window.Lateness}; by {string.Join(',', window.By)}; {string.Join(", ", window.Aggregates.Select(aggregate => $"{aggregate.Name}={aggregate.Text}:{aggregate.Aggregator.ResultType}"))})",
        JoinNode join => string.Create(CultureInfo.InvariantCulture, $"join({Of(join.Left)} by {string.Join(',', join.LeftKey)}; {Of(join.Right)} by {string.Join(',', join.RightKey)}; -{join.Before} +{join.After}; {join.Kind}; where {join.Where?.Text})"),
        DeduplicateNode first => $"deduplicate({Of(first.Input)}; by {string.Join(',', first.By)}; {first.Horizon})",
        TopNode top => string.Create(CultureInfo.InvariantCulture, $"top {top.Count}({Of(top.Input)}; {string.Join(", ", top.Order.Select(column => $"{top.Input.Rows.Fields[column.Ordinal].Name} {(column.Descending ? "desc" : "asc")}"))}; by {string.Join(',', top.By)})"),
        AsOfNode join => $"as of({Of(join.Left)} by {string.Join(',', join.LeftKey)}; {Of(join.Right)} by {string.Join(',', join.RightKey)}; {join.Tolerance}; keeps left {join.KeepsLeft}; ends {join.Ends?.Text})",
        FollowNode follow => $"{(follow.IsAbsent ? "not followed" : "followed")}({Of(follow.First)} by {string.Join(',', follow.FirstKey)}; {Of(follow.Second)} by {string.Join(',', follow.SecondKey)}; {follow.Within}; where {follow.Where?.Text})",
        _ => throw new StreamingException($"plan: found a step of type {node.GetType().Name}; expected one that has a text."),
    };

    /// <summary>Names and types: state holds whole rows.</summary>
    private static string Fields(FlowNode node) => string.Join(',', node.Rows.Fields.Select(field => $"{field.Name}:{field.Type}"));
}
