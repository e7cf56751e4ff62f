using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Sorts rows by their partition values.</summary>
internal static class PartitionSplit
{
    private static readonly IReadOnlyDictionary<string, string?> s_none = new Dictionary<string, string?>();

    public static IReadOnlyList<(IReadOnlyDictionary<string, string?> Values, List<RowSlice> Slices)> Split(string table, IReadOnlyList<string> partitionColumns, IReadOnlyList<ColumnBatch> batches)
    {
        if (partitionColumns.Count == 0)
            return [(s_none, [.. batches.Where(batch => batch.Count > 0).Select(batch => new RowSlice(batch, null))])];
        var groups = new Dictionary<string, (IReadOnlyDictionary<string, string?> Values, List<RowSlice> Slices)>(StringComparer.Ordinal);
        foreach (var batch in batches)
        {
            var columns = partitionColumns.Select(name => batch.Find(name) ?? throw new DeltaException(table, $"partition column '{name}' is not among the rows' columns.")).ToArray();
            foreach (var (key, rows) in SplitBatch(columns, batch.Count))
            {
                if (!groups.TryGetValue(key, out var group))
                {
                    var values = new Dictionary<string, string?>(StringComparer.Ordinal);
                    foreach (var column in columns)
                        values[column.Field.Name] = Text(column, rows[0]);
                    groups[key] = group = (values, []);
                }

                group.Slices.Add(rows.Count == batch.Count ? new RowSlice(batch, null) : new RowSlice(batch, rows));
            }
        }

        return [.. groups.Values];
    }

    /// <summary>Neighbours mostly share a partition: the key is only made where a row differs from the one before.</summary>
    private static Dictionary<string, List<int>> SplitBatch(Column[] columns, int count)
    {
        var result = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        List<int>? current = null;
        for (var row = 0; row < count; row++)
        {
            if (current is null || !Array.TrueForAll(columns, column => Same(column, row - 1, row)))
            {
                var key = string.Join('\u0001', columns.Select(column => Text(column, row) ?? "\u0000"));
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
    private static string? Text(Column column, int row)
    {
        if (column.IsNull(row))
            return null;
        var text = (column.Field.Type, column.GetValue(row)) switch
        {
            (FieldType.Date, long days) => DateTime.UnixEpoch.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            (FieldType.Timestamp, long micros) => DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            (FieldType.Boolean, bool flag) => flag ? "true" : "false",
            (FieldType.Bytes, byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes),
            (_, var value) => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
        return string.IsNullOrEmpty(text) ? null : text;
    }
}
