using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>pattern</c> of a view: one event and what follows it, or does not, within a time.</summary>
internal static class PatternSection
{
    public static FlowJoinDefinition? Read(PipelineContext context, YamlElement element)
    {
        if (element.Map("a mapping with first, then or not, on and within", "first", "then", "not", "on", "within") is not { } map)
            return null;
        var isAbsent = map.Has("not");
        if (isAbsent == map.Has("then"))
        {
            element.Fault(isAbsent ? "both 'then' and 'not'" : "neither 'then' nor 'not'", "one of them", "Name what follows by 'then', or what must not follow by 'not'.");
            return null;
        }

        var first = ReadSide(context, map.Require("first", "a stream, or { from: a stream, where: a condition }"));
        var second = ReadSide(context, map.Require(isAbsent ? "not" : "then", "a stream, or { from: a stream, where: a condition }"));
        var on = map.Require("on", "a condition such as left.id = right.id");
        var within = map.Require("within", "how much later the second event may be: without it the first would have to be kept for ever")?.Duration();
        if (within is not null && within <= TimeSpan.Zero)
            map.Entries.First(e => e.Key == "within").Value.Fault("no length", "more than 0", "Write a length, such as 15m.");
        if (on?.Text("a condition") is not { } text || first.Schema is null || second.Schema is null || within is null)
            return null;
        if (!JoinCondition.TryCompile(text, first.Schema, second.Schema, false, false, out var condition, out var error))
        {
            on.Fault($"'{text}' ({error})", "a condition over left.x of the first event and right.y of the second", "Correct the condition.");
            return null;
        }

        if (first.Stream is null || second.Stream is null)
            return null;
        JoinSection.CheckKeys(on, text, condition, first.Stream, second.Stream);
        return new FlowJoinDefinition(first.Stream, second.Stream, condition, TimeSpan.Zero, within.Value, false, false)
        {
            Mode = isAbsent ? FlowJoinMode.NotFollowed : FlowJoinMode.Followed,
            LeftWhere = first.Where,
            RightWhere = second.Where,
        };
    }

    private static (StreamDefinition? Stream, RowSchema? Schema, BoundExpression? Where) ReadSide(PipelineContext context, YamlElement? element)
    {
        if (element is null)
            return default;
        if (!element.IsMap)
        {
            var (named, rows) = FlowSection.ReadStream(context, element, "a stream");
            return (named, rows, null);
        }

        if (element.Map("{ from: a stream, where: a condition }", "from", "where") is not { } map)
            return default;
        var (stream, schema) = FlowSection.ReadStream(context, map.Require("from", "a stream"), "a stream");
        return (stream, schema, map.TryFind("where", out var where) ? ViewSection.ReadWhere(where, schema) : null);
    }
}
