using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The statistics of a file (PROTOCOL.md, "Per-file Statistics"): their shape, and what they say of each column.</summary>
internal static class FileStatistics
{
    /// <summary>Null where there are none, or no JSON object.</summary>
    public static JsonObject? Parse(LogAction file)
    {
        if (file.Text("stats") is not { Length: > 0 } text)
            return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // The rules for files tell of it.
            return null;
        }
    }

    public static void Check(LogAction file, ReplayedLog state, bool strict, Action<string, string> fault)
    {
        if (file.Text("stats") is not { Length: > 0 } text)
            return;
        if (Parse(file) is not { } stats)
        {
            fault($"stats {text}", "a JSON object");
            return;
        }

        foreach (var (name, value) in stats)
        {
            var fits = name switch
            {
                "numRecords" => value is not null && ActionShape.Fits(value, FieldKind.Whole) && value.GetValue<long>() >= 0,
                "tightBounds" => value is not null && ActionShape.Fits(value, FieldKind.Flag),
                "minValues" or "maxValues" or "nullCount" => value is JsonObject,
                _ => !strict,
            };
            if (!fits && (value is not null || strict))
                fault($"stats.{name} {Faults.Text(value)}", "numRecords, tightBounds, minValues, maxValues, nullCount of their types");
        }

        var rows = stats["numRecords"] is JsonValue number && number.TryGetValue<long>(out var count) ? count : (long?)null;
        if (strict && rows is null)
            fault($"stats {Faults.Text(stats)}", "numRecords");
        foreach (var kind in new[] { "minValues", "maxValues", "nullCount" })
        {
            if (stats[kind] is JsonObject values)
                Values(kind, values, [], state, strict, rows, fault);
        }

        foreach (var leaf in Leaves(stats, state))
            Order(leaf, rows, stats, strict, fault);
    }

    /// <summary>What the statistics say of each leaf column that they name.</summary>
    public static IEnumerable<(ColumnBounds Bounds, long? Nulls)> Leaves(JsonObject stats, ReplayedLog state)
    {
        foreach (var field in state.Schema.Where(field => !field.IsInCollection && field.TypeName != "struct"))
        {
            var path = state.Physical(field);
            var (min, max, nulls) = (At(stats["minValues"], path), At(stats["maxValues"], path), At(stats["nullCount"], path));
            if (min is not null || max is not null || nulls is not null)
                yield return (new ColumnBounds(path, field.TypeName, Text(min), Text(max)), nulls is JsonValue value && value.TryGetValue<long>(out var count) ? count : null);
        }
    }

    private static string? Text(JsonNode? node) => node switch
    {
        null => null,
        _ when node.GetValueKind() == JsonValueKind.String => node.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    private static JsonNode? At(JsonNode? node, IReadOnlyList<string> path)
    {
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    private static void Values(string kind, JsonObject values, IReadOnlyList<string> path, ReplayedLog state, bool strict, long? rows, Action<string, string> fault)
    {
        foreach (var (name, value) in values)
        {
            IReadOnlyList<string> here = [.. path, name];
            var dotted = $"stats.{kind}.{string.Join('.', here)}";
            var field = state.Schema.FirstOrDefault(field => !field.IsInCollection && state.Physical(field).SequenceEqual(here));
            if (field is null)
            {
                // A column that was dropped, or has another name by now, is in files of before.
                if (strict)
                    fault($"{dotted} {Faults.Text(value)}", "a column of the table");
            }
            else if (value is JsonObject inner && field.TypeName == "struct")
            {
                Values(kind, inner, here, state, strict, rows, fault);
            }
            else if (value is null)
            {
                if (strict)
                    fault($"{dotted} null", "no bound where there is none");
            }
            else if (kind == "nullCount" ? !(ActionShape.Fits(value, FieldKind.Whole) && value.GetValue<long>() is >= 0 and var nulls && (rows is null || nulls <= rows)) : !IsBound(field.TypeName, value))
            {
                fault($"{dotted} {Faults.Text(value)}", kind == "nullCount" ? $"0 to {rows}" : $"a bound of type {field.TypeName}");
            }
            else if (strict && state.PartitionFields.Contains(field))
            {
                fault($"{dotted} {Faults.Text(value)}", "no statistics of partition columns");
            }
        }
    }

    private static bool IsBound(string type, JsonNode value) => type switch
    {
        "string" => value.GetValueKind() == JsonValueKind.String,
        "long" or "integer" or "short" or "byte" => ActionShape.Fits(value, FieldKind.Whole),
        "float" or "double" => value.GetValueKind() == JsonValueKind.Number || value.ToString() is "NaN" or "Infinity" or "-Infinity",
        "date" => value.GetValueKind() == JsonValueKind.String && IsDate(value.ToString()),
        "timestamp" => value.GetValueKind() == JsonValueKind.String && IsTime(value.ToString(), zoned: true),
        "timestamp_ntz" => value.GetValueKind() == JsonValueKind.String && IsTime(value.ToString(), zoned: false),
        "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "binary" or "variant" => value.GetValueKind() == JsonValueKind.String,
        _ when type.StartsWith("decimal", StringComparison.Ordinal) => value.GetValueKind() == JsonValueKind.Number,
        "array" or "map" or "void" or "null" => false,
        _ => true,
    };

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || text.Length > 10;

    private static bool IsTime(string text, bool zoned) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && text.Contains('T', StringComparison.Ordinal)
        && (zoned == (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10));

    private static void Order((ColumnBounds Bounds, long? Nulls) leaf, long? rows, JsonObject stats, bool strict, Action<string, string> fault)
    {
        var (bounds, nulls) = leaf;
        var name = string.Join('.', bounds.Path);
        if (bounds is { Min: { } min, Max: { } max } && Compare(bounds.Type, min, max) > 0)
            fault($"stats of {name} from {min} to {max}", "a minimum that is not above the maximum");
        if (strict && nulls == rows && rows is not null && (bounds.Min ?? bounds.Max) is { } bound && stats["tightBounds"] is null)
            fault($"stats of {name} with {nulls} nulls of {rows} rows and bound {bound}", "no bounds where all is null");
    }

    private static int Compare(string type, string min, string max)
    {
        if (type is "string" or "date" or "timestamp" or "timestamp_ntz")
            return type == "string" ? System.Text.Encoding.UTF8.GetBytes(min).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(max)) : string.CompareOrdinal(min, max);
        if (decimal.TryParse(min, NumberStyles.Float, CultureInfo.InvariantCulture, out var low) && decimal.TryParse(max, NumberStyles.Float, CultureInfo.InvariantCulture, out var high))
            return low.CompareTo(high);
        return double.TryParse(min, NumberStyles.Float, CultureInfo.InvariantCulture, out var from) && double.TryParse(max, NumberStyles.Float, CultureInfo.InvariantCulture, out var to) ? from.CompareTo(to) : 0;
    }
}
