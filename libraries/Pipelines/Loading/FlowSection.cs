using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads views with sliding windows, sessions and joins.</summary>
internal static class FlowSection
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    public static bool IsFlow(YamlMap map) =>
        map.Has("join") || map.Has("pattern") || map.Has("deduplicate") || map.Has("top") || (map.TryFind("window", out var window) && window.IsMap && window.Map("a window") is { } kinds && kinds.Entries.Any(kind => kind.Key is "sliding" or "session" or "count" or "global"));

    public static FlowDefinition? Read(PipelineContext context, string name, YamlMap map)
    {
        var before = context.Faults.All.Count;
        string[] inputs = ["join", "pattern", "from", "deduplicate"];
        map.TryFind("pattern", out var patternElement);
        if ((map.TryFind("join", out var joinElement) || patternElement is not null) && map.Entries.LastOrDefault(e => inputs.Contains(e.Key) && e.Value != (joinElement ?? patternElement)) is { Value: { } second } other)
            second.Fault($"'{other.Key}' beside '{(joinElement is null ? "pattern" : "join")}'", "one of them", "Remove one.");
        var join = joinElement is not null ? JoinSection.Read(context, joinElement) : patternElement is not null ? PatternSection.Read(context, patternElement) : null;
        var (stream, schema) = joinElement is null && patternElement is null ? ReadStream(context, map.Require("from", "a stream"), "a stream") : (null, join?.Rows);
        var deduplicate = map.TryFind("deduplicate", out var once) ? ReadDeduplicate(once, schema, stream) : null;
        var window = map.TryFind("window", out var windowElement) ? ReadWindow(windowElement) : null;
        var where = map.TryFind("where", out var condition) ? ViewSection.ReadWhere(condition, schema) : null;
        var by = map.Require("by", "a list of fields") is { } byElement ? ReadBy(byElement, map, schema, windowElement is not null, stream, join) : null;
        var select = map.Require("select", "a mapping of columns to expressions");
        var aggregates = select is not null && windowElement is not null ? ViewSection.ReadSelect(select, schema, by ?? []) : [];
        if (window is { Rows: > 0 } && (aggregates?.Exists(aggregate => aggregate.Name == "nth") == true || by?.Contains("nth") == true))
            windowElement!.Fault("the column 'nth'", "another name: results of windows of a count are numbered in 'nth'", "Rename the column.");
        var columns = select is not null && windowElement is null ? ReadColumns(select, schema, by ?? []) : [];
        var emit = map.TryFind("emit", out var emitElement) ? emitElement.Map("a mapping with updates and final", "updates", "final") : null;
        var lateness = map.Duration("allowedLateness", TimeSpan.Zero);
        var retain = map.Duration("retain", TimeSpan.FromDays(1));
        var top = map.TryFind("top", out var topElement) ? ReadTop(topElement, window, windowElement is not null, lateness, by ?? [], aggregates, columns, stream, join) : null;
        if (lateness > TimeSpan.Zero && window is { Rows: > 0 })
            map.Entries.First(e => e.Key == "allowedLateness").Value.Fault("a lateness of windows of a count", "none", "Remove it: how late events may come is 'outOfOrder' of their stream.");
        if (lateness > TimeSpan.Zero && windowElement is null)
            map.Entries.First(e => e.Key == "allowedLateness").Value.Fault("a lateness without a window", "a view with a window", "Remove it: how late events of a join may come is 'outOfOrder' of their streams.");
        TimeSpan? updates = emit is not null && emit.Has("updates") ? emit.Duration("updates", TimeSpan.Zero) : null;
        if (updates is not null && (windowElement is null || topElement is not null || window is { Gap.Ticks: > 0 } or { Rows: > 0 }))
            emit!.Entries.First(e => e.Key == "updates").Value.Fault("updates of a view without windows of a length", "a tumbling or sliding window without 'top'", "Remove 'updates': sessions, pairs and first rows are written when they are complete.");
        if (context.Faults.All.Count > before || by is null || aggregates is null || (stream is null && join is null))
            return null;
        return new FlowDefinition
        {
            Pipeline = context.Pipeline,
            Name = name,
            From = stream,
            Join = join,
            Deduplicate = deduplicate,
            Where = where,
            Window = window,
            By = by,
            Aggregates = aggregates,
            Columns = columns,
            Top = top,
            AllowedLateness = lateness,
            Retain = retain,
            EmitUpdates = updates,
        };
    }

    /// <summary>A stream and its fields; the fields may be known where the stream is faulty otherwise.</summary>
    public static (StreamDefinition? Stream, RowSchema? Schema) ReadStream(PipelineContext context, YamlElement? element, string expected)
    {
        if (element?.Text(expected) is not { } name)
            return (null, null);
        PipelineContext.TryResolve(element, name, "stream", context.Streams, out var stream);
        return (stream, context.Schemas.GetValueOrDefault(name));
    }

    private static FlowWindowDefinition? ReadWindow(YamlElement element)
    {
        if (element.Map("{ sliding: { size: 10m, slide: 1m } }", "tumbling", "sliding", "session", "count", "global") is not { } map)
            return null;
        if (map.Entries.Count != 1)
        {
            element.Fault($"{map.Entries.Count} kinds of windows", "one of tumbling, sliding, session, count, global", "Keep one of them.");
            return null;
        }

        var (kind, value) = map.Entries[0];
        switch (kind)
        {
            case "tumbling":
                return Length(value, value.Duration()) is { } length ? new FlowWindowDefinition(length, length, TimeSpan.Zero) : null;
            case "sliding":
                var sliding = value.Map("{ size: 10m, slide: 1m }", "size", "slide");
                var (size, slide) = (Length(sliding, "size", "the window's length"), Length(sliding, "slide", "the distance of the windows' starts"));
                if (size is null || slide is null)
                    return null;
                if (size.Value / slide.Value <= 1000)
                    return new FlowWindowDefinition(size.Value, slide.Value, TimeSpan.Zero);
                value.Fault($"windows of which {Math.Floor(size.Value / slide.Value):0} overlap", "1000 at most", "Lengthen 'slide'.");
                return null;
            case "count":
                return ReadCount(value, isGlobal: false);
            case "global":
                return value.Map("{ every: 100 }", "every")?.Require("every", "the number of events of a key after which its result is given") is { } every ? ReadCount(every, isGlobal: true) : null;
            default:
                // The short form names the gap alone.
                var gap = value.IsText ? Length(value, value.Duration()) : Length(value.Map("{ gap: 30m }", "gap"), "gap", "the silence that ends a session");
                return gap is null ? null : new FlowWindowDefinition(TimeSpan.Zero, TimeSpan.Zero, gap.Value);
        }
    }

    private static FlowTopDefinition? ReadTop(YamlElement element, FlowWindowDefinition? window, bool isWindowed, TimeSpan lateness, IReadOnlyList<string> by, IReadOnlyList<AggregateDefinition>? aggregates, IReadOnlyList<(string Name, BoundExpression Value)> columns, StreamDefinition? stream, FlowJoinDefinition? join)
    {
        if (window is { Gap.Ticks: > 0 } or { Rows: > 0 } || lateness > TimeSpan.Zero)
            element.Fault("the first rows of windows whose results may change after they are given, or which have no end in common", "tumbling or sliding windows without allowedLateness, or no window", "Choose such a window; allow for late events in the stream's 'outOfOrder'.");
        string[] keys = join is { Mode: not FlowJoinMode.NotFollowed } ? [$"left.{join.Left.Key}", $"right.{join.Right.Key}"] : [stream?.Key ?? join?.Left.Key ?? ""];
        var names = isWindowed ? [.. by, .. aggregates?.Select(aggregate => aggregate.Name) ?? []] : columns.Select(column => column.Name).ToList();
        if (names.Find(name => name is "rank" or "window_start" or "window_end") is { } taken)
            element.Fault($"the column '{taken}'", "other names than rank, window_start and window_end, which the first rows have too", "Rename the column.");
        // A column holds the key where it is that field and nothing else.
        var keyColumns = isWindowed ? keys : [.. columns.Where(column => column.Value.FieldOrdinal >= 0 && keys.Contains(column.Value.Text.Trim())).Select(column => column.Name)];
        return TopSection.Read(element, names, by, keys is [""] ? null : keyColumns);
    }

    private static FlowWindowDefinition? ReadCount(YamlElement element, bool isGlobal)
    {
        const string expected = "a number of events, from 1 to 1000000000";
        if (element.Text(expected) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows is >= 1 and <= 1_000_000_000)
            return new FlowWindowDefinition(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero) { Rows = rows, IsGlobal = isGlobal };
        element.Fault($"'{text}'", expected, "Write a whole number, such as 100.");
        return null;
    }

    private static FlowDeduplicationDefinition? ReadDeduplicate(YamlElement element, RowSchema? schema, StreamDefinition? stream)
    {
        if (element.Map("{ by: [id], within: 1h }", "by", "within") is not { } map)
            return null;
        var by = map.Require("by", "a list of fields") is { } byElement ? ViewSection.ReadBy(byElement, schema) : null;
        var within = map.Require("within", "how long events of the key are duplicates: without it, all keys would have to be kept for ever");
        if (by is not null && stream is not null && !by.Contains(stream.Key))
            element.Fault($"keys without '{stream.Key}'", "the stream's key among the fields: it decides the partition, and each is computed by itself", $"Add '{stream.Key}', or key the stream by what makes events the same.");
        return by is not null && within is not null && Length(within, within.Duration()) is { } horizon ? new FlowDeduplicationDefinition(by, horizon) : null;
    }

    private static TimeSpan? Length(YamlMap? map, string key, string expected) =>
        map?.Require(key, expected) is { } element ? Length(element, element.Duration()) : null;

    private static TimeSpan? Length(YamlElement element, TimeSpan? length)
    {
        if (length is null || length >= Shortest)
            return length;
        element.Fault("no length", "1 ms or more", "Write a length, such as 15m.");
        return null;
    }

    private static IReadOnlyList<string>? ReadBy(YamlElement element, YamlMap map, RowSchema? schema, bool isWindowed, StreamDefinition? stream, FlowJoinDefinition? join)
    {
        if (!isWindowed)
        {
            var names = map.TryFind("select", out var select) && select.IsMap ? select.Map("columns")!.Entries.Select(e => e.Key).ToList() : [];
            var by = element.Texts("a list of columns of 'select'");
            foreach (var unknown in by?.Where(name => !names.Contains(name)) ?? [])
                element.Fault($"'{unknown}', which 'select' does not have", $"columns that name a row, of {string.Join(", ", names)}", "Add it to 'select', or name another.");
            if (by is { Count: 0 })
                element.Fault("an empty list", "at least one column", "Name the columns by which a row is known.");
            return by;
        }

        var fields = ViewSection.ReadBy(element, schema);
        string[] keys = join is { Mode: FlowJoinMode.NotFollowed } ? [join.Left.Key] : join is not null ? [$"left.{join.Left.Key}", $"right.{join.Right.Key}"] : stream is not null ? [stream.Key] : [];
        if (fields is not null && keys.Length > 0 && !fields.Intersect(keys).Any())
            element.Fault($"groups without '{keys[0]}'", "the stream's key among the fields: it decides the partition, and each is computed by itself", $"Add '{keys[0]}', or key the stream by what you group by.");
        return fields;
    }

    private static List<(string Name, BoundExpression Value)> ReadColumns(YamlElement element, RowSchema? schema, IReadOnlyList<string> by)
    {
        const string expected = "an expression over the fields left.x and right.y";
        List<(string Name, BoundExpression Value)> columns = [];
        foreach (var (name, value) in element.Map("a mapping of columns to expressions")?.Entries ?? [])
        {
            Names.Check(value, name);
            if (ViewSection.Taken.Contains(name))
                value.Fault($"the column '{name}'", $"a name other than {string.Join(", ", ViewSection.Taken)}", "Rename the column.");
            if (value.Text(expected) is not { } text || schema is null)
                continue;
            if (!ExpressionCompiler.TryCompile(text, schema, out var expression, out var error))
                value.Fault($"'{text}' ({error})", expected, "Correct the expression.");
            else if (by.Contains(name) && expression.Type is FieldType.Bytes or FieldType.Float32 or FieldType.Float64 or FieldType.Decimal)
                value.Fault($"'{name}', which is {NodeTypes.NameOf(expression.Type)}", "columns of text, integers, booleans, dates or timestamps in 'by'", "Name rows by another column.");
            else
                columns.Add((name, expression));
        }

        return columns;
    }
}
