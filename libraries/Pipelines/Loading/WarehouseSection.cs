namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>warehouse</c> and <c>slo</c>: both say something of tables.</summary>
internal static class WarehouseSection
{
    public static WarehouseLoad? ReadLoad(PipelineContext context, string name, YamlElement element)
    {
        var known = PipelineContext.TryResolve(element, name, "table", context.Tables, out var table);
        if (element.Map("a mapping with to, load and keys", "to", "load", "keys") is not { } map)
            return null;
        var to = map.Require("to", "schema and table in the warehouse, such as GOLD.AIRPORT_DAILY")?.Text("schema and table");
        if (to is not null && (to.Split('.') is not { Length: 2 } parts || parts.Any(p => p.Length == 0 || !p.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))))
            map.Entries.First(e => e.Key == "to").Value.Fault($"'{to}'", "schema and table with a dot between, such as GOLD.AIRPORT_DAILY", "Write both.");
        if (map.TryFind("load", out var load) && load.Text("merge") is { } kind && kind != "merge")
            load.Fault($"'{kind}'", "merge", "Only merge loads are available in this version.");
        var keys = map.TryFind("keys", out var k) ? k.Texts("a list of key columns") : table?.Merge;
        if (known && keys is null or { Count: 0 })
            (k ?? element).Fault("no keys for the merge", "the columns that identify a row", "Add keys, such as keys: [airport, day].");
        return known && to is not null && keys is not null ? new WarehouseLoad(context.Pipeline, name, to, keys) : null;
    }

    public static ServiceLevel? ReadLevel(PipelineContext context, string name, YamlElement element)
    {
        var known = PipelineContext.TryResolve(element, name, "table", context.Tables, out _);
        if (element.Map("a mapping with freshness and completeness", "freshness", "completeness") is not { } map)
            return null;
        var freshness = map.TryFind("freshness", out var f) ? f.Duration() : null;
        var completeness = map.TryFind("completeness", out var c) ? c.Number(x => x is > 0 and <= 1, "a share above 0, at most 1") : null;
        if (map.Entries.Count == 0)
            element.Fault("nothing", "freshness, completeness or both", "Say what the table promises.");
        return known ? new ServiceLevel(context.Pipeline, name, freshness, completeness) : null;
    }
}
