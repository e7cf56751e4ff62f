using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Sorts rows by their partition values.</summary>
internal static class PartitionSplit
{
    private static readonly IReadOnlyDictionary<string, string?> s_none = new Dictionary<string, string?>();

    /// <summary>Values are by physical name, in the log's text form.</summary>
    public static IReadOnlyList<(IReadOnlyDictionary<string, string?> Values, List<RowSlice> Slices)> Split(TableShape shape, IReadOnlyList<ColumnBatch> batches)
    {
        if (shape.PartitionColumns.Count == 0)
            return [(s_none, [.. batches.Where(batch => batch.Count > 0).Select(batch => new RowSlice(batch, null))])];
        var groups = new Dictionary<string, (IReadOnlyDictionary<string, string?> Values, List<RowSlice> Slices)>(StringComparer.Ordinal);
        var fields = shape.Partitions.ToList();
        foreach (var batch in batches)
        {
            var columns = fields.Select(field => (Field: field, Column: RowTypes.Find(batch, field.Name) ?? throw new DeltaException(shape.Table, $"partition column '{field.Name}' is not among the rows' columns."))).ToArray();
            foreach (var (key, rows) in SplitBatch(columns, batch.Count))
            {
                if (!groups.TryGetValue(key, out var group))
                {
                    var values = new Dictionary<string, string?>(StringComparer.Ordinal);
                    foreach (var (field, column) in columns)
                        values[field.PhysicalName] = Text(field, column, rows[0]);
                    groups[key] = group = (values, []);
                }

                group.Slices.Add(rows.Count == batch.Count ? new RowSlice(batch, null) : new RowSlice(batch, rows));
            }
        }

        return [.. groups.Values];
    }

    /// <summary>Neighbours mostly share a partition: the key is only made where a row differs from the one before.</summary>
    private static Dictionary<string, List<int>> SplitBatch((SchemaField Field, Column Column)[] columns, int count)
    {
        var result = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        List<int>? current = null;
        for (var row = 0; row < count; row++)
        {
            if (current is null || !Array.TrueForAll(columns, item => Same(item.Column, row - 1, row)))
            {
                var key = string.Join('\u0001', columns.Select(item => Text(item.Field, item.Column, row) ?? "\u0000"));
                if (!result.TryGetValue(key, out current))
                    result[key] = current = [];
            }

            current.Add(row);
        }

        return result;
    }

    private static bool Same(Column column, int a, int b)
    {
        if (column.IsNull(a) || column.IsNull(b))
            return column.IsNull(a) && column.IsNull(b);
        return column switch
        {
            Int64Column values => values[a] == values[b],
            StringColumn values => values[a] == values[b],
            _ => Equals(column.GetValue(a), column.GetValue(b)),
        };
    }

    /// <summary>The log's text of a value; the empty string counts as null.</summary>
    private static string? Text(SchemaField field, Column column, int row)
    {
        if (column.IsNull(row))
            return null;
        var text = (field.Type.Kind, column.GetValue(row)) switch
        {
            (DeltaTypeKind.Date, long days) => CivilTime.FormatDate(days),
            (DeltaTypeKind.Timestamp, long micros) => DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            (DeltaTypeKind.TimestampNtz, long micros) => DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            (DeltaTypeKind.Boolean, bool flag) => flag ? "true" : "false",
            (DeltaTypeKind.Binary, byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes),
            (DeltaTypeKind.Float, double real) => ((float)real).ToString(CultureInfo.InvariantCulture),
            (_, var value) => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
        return string.IsNullOrEmpty(text) ? null : text;
    }
}
