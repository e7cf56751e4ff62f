using System.Text.Json;
using Parquet.Schema;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// The columns <c>partitionValues_parsed</c> and <c>stats_parsed</c> of a checkpoint, typed by the table's schema, under physical names.
/// A value that its type cannot hold is null, which readers take for unknown.
/// </summary>
internal static class ParsedParts
{
    /// <summary>Between the names of a path; names may have points.</summary>
    private const char Separator = '\u0001';

    public static IEnumerable<ActionPart<AddFile>> Of(Snapshot snapshot)
    {
        var partitions = snapshot.PartitionColumns.Select(snapshot.Schema.Find).OfType<SchemaField>().ToList();
        if (partitions.Count > 0)
        {
            yield return new StructPart<AddFile, AddFile>("partitionValues_parsed", item => item, [.. partitions.Select(field => Value<AddFile>(field, field.PhysicalName, item =>
                item.PartitionValues.GetValueOrDefault(field.PhysicalName) is { } text && PartitionValueText.TryParse(text, field.Type, out var value) ? value : null)).OfType<ActionPart<AddFile>>()]);
        }

        var indexed = StatisticsColumns.For(snapshot).Leaves.Select(leaf => string.Join(Separator, leaf.Select(field => field.Name))).ToHashSet(StringComparer.Ordinal);
        var fields = snapshot.Schema.Fields.Where(field => !snapshot.PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        var bounds = Bounds(fields, "", indexed);
        var nulls = Nulls(fields, "", indexed);
        List<ActionPart<Statistics>> parts = [Number<Statistics>("numRecords", item => item.Of("numRecords"))];
        if (bounds.Count > 0)
        {
            parts.Add(new StructPart<Statistics, Node>("minValues", item => item.Child("minValues"), [.. bounds]));
            parts.Add(new StructPart<Statistics, Node>("maxValues", item => item.Child("maxValues"), [.. Bounds(fields, "", indexed)]));
        }

        if (nulls.Count > 0)
            parts.Add(new StructPart<Statistics, Node>("nullCount", item => item.Child("nullCount"), [.. nulls]));
        parts.Add(new ValuePart<Statistics, bool>(new DataField("tightBounds", typeof(bool), true), item => item.Flag("tightBounds")));
        yield return new StructPart<AddFile, Statistics>("stats_parsed", Statistics.Parse, [.. parts]);
    }

    private static List<ActionPart<Node>> Bounds(IEnumerable<SchemaField> fields, string prefix, HashSet<string> indexed)
    {
        List<ActionPart<Node>> parts = [];
        foreach (var field in fields)
        {
            var path = prefix + field.Name;
            if (field.Type is StructType inner)
            {
                if (Bounds(inner.Fields, path + Separator, indexed) is { Count: > 0 } children)
                    parts.Add(new StructPart<Node, Node>(field.PhysicalName, item => item.Child(field.PhysicalName), [.. children]));
            }
            else if (indexed.Contains(path) && field.Type.Kind is not (DeltaTypeKind.Boolean or DeltaTypeKind.Binary) && Value<Node>(field, field.PhysicalName, item => item.Value(field)) is { } part)
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    private static List<ActionPart<Node>> Nulls(IEnumerable<SchemaField> fields, string prefix, HashSet<string> indexed)
    {
        List<ActionPart<Node>> parts = [];
        foreach (var field in fields)
        {
            var path = prefix + field.Name;
            if (field.Type is StructType inner)
            {
                if (Nulls(inner.Fields, path + Separator, indexed) is { Count: > 0 } children)
                    parts.Add(new StructPart<Node, Node>(field.PhysicalName, item => item.Child(field.PhysicalName), [.. children]));
            }
            else if (indexed.Contains(path) && field.Type.Kind != DeltaTypeKind.Void)
            {
                parts.Add(Number<Node>(field.PhysicalName, item => item.Of(field.PhysicalName)));
            }
        }

        return parts;
    }

    /// <summary>A typed leaf; null for types without one.</summary>
    private static ActionPart<TAction>? Value<TAction>(SchemaField field, string name, Func<TAction, object?> get) => field.Type.Kind switch
    {
        DeltaTypeKind.Boolean => new ValuePart<TAction, bool>(new DataField(name, typeof(bool), true), item => get(item) as bool?),
        DeltaTypeKind.Byte => new ValuePart<TAction, sbyte>(new DataField(name, typeof(sbyte), true), item => get(item) is long value && value is >= sbyte.MinValue and <= sbyte.MaxValue ? (sbyte)value : null),
        DeltaTypeKind.Short => new ValuePart<TAction, short>(new DataField(name, typeof(short), true), item => get(item) is long value && value is >= short.MinValue and <= short.MaxValue ? (short)value : null),
        DeltaTypeKind.Integer => new ValuePart<TAction, int>(new DataField(name, typeof(int), true), item => get(item) is long value && value is >= int.MinValue and <= int.MaxValue ? (int)value : null),
        DeltaTypeKind.Long => new ValuePart<TAction, long>(new DataField(name, typeof(long), true), item => get(item) as long?),
        DeltaTypeKind.Float => new ValuePart<TAction, float>(new DataField(name, typeof(float), true), item => get(item) is double value ? (float)value : null),
        DeltaTypeKind.Double => new ValuePart<TAction, double>(new DataField(name, typeof(double), true), item => get(item) as double?),
        DeltaTypeKind.String => new ValuePart<TAction, ReadOnlyMemory<char>>(new DataField(name, typeof(string), true), item => get(item) is string text ? text.AsMemory() : (ReadOnlyMemory<char>?)null),
        DeltaTypeKind.Date => new ValuePart<TAction, int>(new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true), item => get(item) is long days && days is >= int.MinValue and <= int.MaxValue ? (int)days : null),
        DeltaTypeKind.Timestamp => new ValuePart<TAction, long>(new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, true), item => get(item) as long?),
        DeltaTypeKind.TimestampNtz => new ValuePart<TAction, long>(new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: false, DateTimeTimeUnit.Micros, true), item => get(item) as long?),
        DeltaTypeKind.Decimal when field.Type is DecimalType(var precision, var scale) => new ValuePart<TAction, decimal>(new DecimalDataField(name, precision, scale, isNullable: true), item => get(item) is ExactDecimal value ? Fit(value, precision, scale) : null),
        _ => null,
    };

    /// <summary>Twenty-eight digits are what the Parquet library can hold.</summary>
    private static decimal? Fit(ExactDecimal value, int precision, int scale) =>
        scale <= 28 && value.Scale <= scale && value.WithScale(scale) is { Precision: <= 28 } exact && exact.Precision <= precision && decimal.TryParse(exact.ToString(), System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var result) ? result : null;

    private static ValuePart<TAction, long> Number<TAction>(string name, Func<TAction, long?> get) => new(new DataField(name, typeof(long), true), get);

    /// <summary>An object of the statistics' JSON.</summary>
    private class Node(JsonElement element)
    {
        public Node? Child(string name) => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? new Node(child) : null;

        public long? Of(string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

        public bool? Flag(string name) => element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

        public object? Value(SchemaField field)
        {
            if (!element.TryGetProperty(field.PhysicalName, out var json))
                return null;
            var text = json.ValueKind switch
            {
                JsonValueKind.String => json.GetString()!,
                JsonValueKind.Number => json.GetRawText(),
                _ => null,
            };
            return text is not null && PartitionValueText.TryParse(text, field.Type, out var value) ? value : null;
        }
    }

    private sealed class Statistics(JsonElement element) : Node(element)
    {
        /// <summary>Null where the file has none that can be read.</summary>
        public static Statistics? Parse(AddFile file)
        {
            if (file.Stats is null)
                return null;
            try
            {
                using var document = JsonDocument.Parse(file.Stats);
                return document.RootElement.ValueKind == JsonValueKind.Object ? new Statistics(document.RootElement.Clone()) : null;
            }
            catch (JsonException)
            {
                // Statistics are optional: a file whose statistics cannot be read counts as one without.
                return null;
            }
        }
    }
}
