using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>The JSON text of <c>add.stats</c> (PROTOCOL.md, "Per-file Statistics").</summary>
internal static class StatisticsJson
{
    /// <summary>Leaf columns that get statistics: Delta's default of <c>delta.dataSkippingNumIndexedCols</c>.</summary>
    public const int IndexedColumns = 32;

    public static string Write(long rows, IReadOnlyList<ColumnStatistics> columns)
    {
        var output = new StringBuilder(64 + (columns.Count * 96));
        output.Append(CultureInfo.InvariantCulture, $"{{\"numRecords\":{rows}");
        Append(output, "minValues", columns, column => column.Min);
        Append(output, "maxValues", columns, column => column.Max);
        Append(output, "nullCount", columns, column => column.NullCount < 0 ? null : column.NullCount.ToString(CultureInfo.InvariantCulture));
        return output.Append('}').ToString();
    }

    private static void Append(StringBuilder output, string name, IReadOnlyList<ColumnStatistics> columns, Func<ColumnStatistics, string?> value)
    {
        output.Append(",\"").Append(name).Append("\":{");
        var first = true;
        foreach (var column in columns)
        {
            if (value(column) is not { } text)
                continue;
            if (!first)
                output.Append(',');
            first = false;
            output.Append('"').Append(JsonEncodedText.Encode(column.Name)).Append("\":").Append(text);
        }

        output.Append('}');
    }
}
