using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Privacy;

/// <summary>Which fields of a pipeline hold personal data, and how they are shown.</summary>
internal sealed class Masking
{
    public const string Mask = "•••";

    private readonly Dictionary<string, HashSet<string>> _fields;
    private readonly Dictionary<string, HashSet<string>> _columns;

    public Masking(IReadOnlyList<PipelineDefinition> pipelines)
    {
        _fields = pipelines.ToDictionary(pipeline => pipeline.Name, FieldsOf, StringComparer.Ordinal);
        _columns = pipelines.ToDictionary(pipeline => pipeline.Name, pipeline => ColumnsOf(pipeline, _fields[pipeline.Name]), StringComparer.Ordinal);
    }

    /// <summary>True where a column of a pipeline's table or view shows a personal field, under its own name or another.</summary>
    public bool Hides(string pipeline, string column) => _columns.TryGetValue(pipeline, out var names) && names.Contains(column);

    /// <summary>True where a text about a field may quote its value.</summary>
    public bool HidesField(string pipeline, string? field) => field is not null && _fields.TryGetValue(pipeline, out var names) && names.Contains(field);

    /// <summary>Whether the pipeline has personal fields at all.</summary>
    public bool HasPersonal(string pipeline) => _fields.TryGetValue(pipeline, out var names) && names.Count > 0;

    /// <summary>Masks personal fields of JSON, in place.</summary>
    public void MaskFields(string pipeline, JsonNode value)
    {
        if (_fields.TryGetValue(pipeline, out var names))
            MaskNode(value, names);
    }

    /// <summary>The text of an event with its personal fields masked. What can't be read as JSON is hidden whole where the pipeline has personal fields: any part of it may be one.</summary>
    public (string Text, bool IsMasked) MaskEvent(string pipeline, string text)
    {
        if (!_fields.TryGetValue(pipeline, out var names) || names.Count == 0)
            return (text, false);
        try
        {
            var node = JsonNode.Parse(text);
            return MaskNode(node, names) ? (node!.ToJsonString(), true) : (text, false);
        }
        catch (JsonException)
        {
            return ($"{Mask} (this pipeline carries personal data and the event is not JSON)", true);
        }
    }

    private static bool MaskNode(JsonNode? node, HashSet<string> names)
    {
        var masked = false;
        switch (node)
        {
            case JsonObject item:
                foreach (var name in item.Select(pair => pair.Key).ToList())
                {
                    if (names.Contains(name))
                        item[name] = Mask;
                    masked |= names.Contains(name) || MaskNode(item[name], names);
                }

                break;
            case JsonArray list:
                foreach (var element in list)
                    masked |= MaskNode(element, names);
                break;
        }

        return masked;
    }

    private static HashSet<string> FieldsOf(PipelineDefinition pipeline) => pipeline.Streams
        .SelectMany(stream => stream.Contract.Rows.Fields)
        .Where(field => field.Pii)
        .SelectMany(field => field.Aliases.Prepend(field.Name))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields, and the names that SQL and views give to them.</summary>
    private static HashSet<string> ColumnsOf(PipelineDefinition pipeline, HashSet<string> fields)
    {
        var columns = new HashSet<string>(fields, StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields)
        {
            var renamed = new Regex($@"\b{Regex.Escape(field)}\b(?:\s+as\s+\w+\s*\))?[^,;]*?\bas\s+(\w+)", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
            foreach (var table in pipeline.Tables.Where(table => table.Sql is not null))
                columns.UnionWith(renamed.Matches(table.Sql!).Select(match => match.Groups[1].Value).Where(name => !IsType(name)));
            var quoted = new Regex($@"\b{Regex.Escape(field)}\b", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
            foreach (var view in pipeline.Views)
                columns.UnionWith(Showing(view.Select, quoted));
            foreach (var view in pipeline.Flows)
                columns.UnionWith([.. Showing(view.Aggregates, quoted), .. view.Columns.Where(column => quoted.IsMatch(column.Value.Text)).Select(column => column.Name), .. view.By.Where(name => quoted.IsMatch(name))]);
        }

        return columns;
    }

    /// <summary>Aggregates that give a value of the field as it is.</summary>
    private static IEnumerable<string> Showing(IReadOnlyList<AggregateDefinition> aggregates, Regex field) => aggregates
        .Where(column => column.Function is "min" or "max" or "first" or "last" && column.Argument is not null && field.IsMatch(column.Argument.Text))
        .Select(column => column.Name);

    /// <summary>In <c>cast(x as string)</c> the word after "as" names a type.</summary>
    private static bool IsType(string name) =>
        name.ToLowerInvariant() is "string" or "varchar" or "text" or "int" or "integer" or "bigint" or "double" or "float" or "decimal" or "date" or "timestamp" or "boolean";
}
