using System.Text.Json;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Partition values and statistics of one file, by column; the JSON is parsed at the first question.</summary>
internal sealed class FileStatistics(AddFile file, IReadOnlyList<string> partitionColumns) : IDisposable
{
    private JsonDocument? _document;
    private bool _parsed;

    /// <summary>What the column may be. A double may be NaN, which some writers leave out of their bounds; <paramref name="noNaN"/> says that it is not.</summary>
    public ValueRange RangeOf(ColumnReference column, bool noNaN)
    {
        var type = column.Field.Type;
        if (column.Path.Count == 1 && partitionColumns.Contains(column.Field.Name, StringComparer.OrdinalIgnoreCase))
            return Partition(column.Field);
        if (type.Kind == DeltaTypeKind.Void)
            return ValueRange.Nothing;
        if (!type.IsPrimitive || Root is not { } root)
            return ValueRange.Unknown;

        var nulls = Find(root, "nullCount", column) is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out var number) ? number : -1;
        var mayBeValue = nulls < 0 || file.NumRecords < 0 || nulls < file.NumRecords;
        var mayBeNull = nulls != 0;
        if (!mayBeValue)
            return ValueRange.Nothing;
        var max = TypeRules.IsReal(type) && !noNaN ? null : StatisticsValue.Upper(Find(root, "maxValues", column), column.Field);
        return new ValueRange(StatisticsValue.Lower(Find(root, "minValues", column), column.Field), max, mayBeNull, true);
    }

    public void Dispose() => _document?.Dispose();

    private JsonElement? Root
    {
        get
        {
            if (!_parsed)
            {
                _parsed = true;
                try
                {
                    _document = file.Stats is null ? null : JsonDocument.Parse(file.Stats);
                }
                catch (JsonException)
                {
                    // Statistics are a help and no contract: without them every file may match.
                    _document = null;
                }
            }

            return _document?.RootElement is { ValueKind: JsonValueKind.Object } root ? root : null;
        }
    }

    private ValueRange Partition(SchemaField field)
    {
        if (!file.PartitionValues.TryGetValue(field.PhysicalName, out var text))
            return ValueRange.Unknown;
        // Null and the empty text are one in the log.
        if (string.IsNullOrEmpty(text))
            return ValueRange.Nothing;
        return PartitionValueText.TryParse(text, field.Type, out var value) ? ValueRange.Constant(value) : ValueRange.Unknown with { MayBeNull = false };
    }

    private static JsonElement? Find(JsonElement root, string kind, ColumnReference column)
    {
        if (!root.TryGetProperty(kind, out var element))
            return null;
        foreach (var name in column.PhysicalPath)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return element;
    }
}
