using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal static class ViewSection
{
    // Columns that every row of a view has.
    internal static readonly string[] Taken = ["start", "end", "final", "key", "windows", "state"];

    public static ViewDefinition? Read(PipelineContext context, string name, YamlElement element)
    {
        Names.Check(element, name);
        if (element.Map("a mapping with from, window, by and select", "from", "where", "window", "by", "select", "emit", "allowedLateness", "retain", "join", "pattern", "deduplicate", "top") is not { } map)
            return null;
        if (FlowSection.IsFlow(map))
        {
            if (FlowSection.Read(context, name, map) is { } flow)
                context.Flows.Add(flow);
            return null;
        }

        var from = map.Require("from", "a stream")?.Text("a stream");
        var known = from is not null && PipelineContext.TryResolve(map.Entries.First(e => e.Key == "from").Value, from, "stream", context.Streams, out var resolved) ? resolved : null;
        var schema = from is null ? null : context.Schemas.GetValueOrDefault(from);
        var window = map.Require("window", "{ tumbling: 15m }") is { } windowElement ? ReadWindow(windowElement) : null;
        var by = map.Require("by", "a list of fields") is { } byElement ? ReadBy(byElement, schema) : null;
        var select = map.Require("select", "a mapping of columns to aggregates") is { } selectElement ? ReadSelect(selectElement, schema, by ?? []) : null;
        var where = map.TryFind("where", out var condition) ? ReadWhere(condition, schema) : null;
        var emit = map.TryFind("emit", out var emitElement) ? emitElement.Map("a mapping with updates and final", "updates", "final") : null;
        var lateness = map.Duration("allowedLateness", TimeSpan.Zero);
        var retain = map.Duration("retain", TimeSpan.FromDays(1));
        var updates = emit?.Duration("updates", TimeSpan.Zero) ?? TimeSpan.Zero;
        var final = emit?.Boolean("final", true) ?? true;
        if (known is null || window is null || by is null || select is null)
            return null;
        return new ViewDefinition
        {
            Pipeline = context.Pipeline,
            Name = name,
            From = known,
            Where = where,
            Window = window.Value,
            By = by,
            Select = select,
            AllowedLateness = lateness,
            Retain = retain,
            EmitUpdates = updates,
            EmitFinal = final,
        };
    }

    private static TimeSpan? ReadWindow(YamlElement element)
    {
        if (element.Map("{ tumbling: 15m }", "tumbling", "sliding", "session", "count", "global") is not { } map)
            return null;
        var tumbling = map.Require("tumbling", "the window's length");
        var length = tumbling?.Duration();
        if (length != TimeSpan.Zero)
            return length;
        tumbling!.Fault("no length", "more than 0", "Write the window's length, such as 15m.");
        return null;
    }

    internal static IReadOnlyList<string>? ReadBy(YamlElement element, RowSchema? schema)
    {
        if (element.Texts("a list of fields") is not { } fields)
            return null;
        if (fields.Count == 0)
            element.Fault("an empty list", "at least one field", "Name the fields to group by.");
        foreach (var twice in fields.GroupBy(f => f, StringComparer.Ordinal).Where(g => g.Count() > 1))
            element.Fault($"'{twice.Key}' twice", "each field once", "Remove one of them.");
        foreach (var name in schema is null ? [] : fields)
        {
            if (PipelineContext.CheckField(element, name, schema!, out var field) && field.Type is FieldType.Bytes or FieldType.Float32 or FieldType.Float64 or FieldType.Decimal)
                element.Fault($"'{name}', which is {NodeTypes.NameOf(field.Type)}", "fields of text, integers, booleans, dates or timestamps", "Group by another field.");
        }

        return fields;
    }

    internal static BoundExpression? ReadWhere(YamlElement element, RowSchema? schema)
    {
        const string expected = "a condition over the stream's fields";
        if (element.Text(expected) is not { } text || schema is null)
            return null;
        if (!ExpressionCompiler.TryCompile(text, schema, out var expression, out var error))
        {
            element.Fault($"'{text}' ({error})", expected, "Correct the expression.");
            return null;
        }

        if (expression.Type != FieldType.Boolean)
            element.Fault($"'{text}', which is {NodeTypes.NameOf(expression.Type)}", expected, "Compare it with something.");
        return expression;
    }

    internal static List<AggregateDefinition>? ReadSelect(YamlElement element, RowSchema? schema, IReadOnlyList<string> by)
    {
        const string expected = "an aggregate such as avg(delay)";
        if (element.Map("a mapping of columns to aggregates") is not { } map)
            return null;
        if (map.Entries.Count == 0)
            element.Fault("no column", "at least one aggregate", "Add one, such as n: count(*).");
        var columns = new List<AggregateDefinition>();
        foreach (var (name, value) in map.Entries)
        {
            Names.Check(value, name);
            if (by.Contains(name) || Taken.Contains(name))
                value.Fault($"the column '{name}'", $"a name other than the fields of 'by' and {string.Join(", ", Taken)}", "Rename the column.");
            if (value.Text(expected) is not { } text || schema is null)
                continue;
            if (AggregateParser.TryCompile(name, text, schema, out var aggregate, out var error))
                columns.Add(aggregate);
            else
                value.Fault($"'{text}' ({error})", expected, "Correct the expression.");
        }

        return columns;
    }
}
