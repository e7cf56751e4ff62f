using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

/// <summary>One schema with every type, and rows with NULLs, extremes and oddities.</summary>
internal static class Rows
{
    public static readonly RowSchema Schema = new(
    [
        new Field("i", FieldType.Int32, true),
        new Field("l", FieldType.Int64, true),
        new Field("d", FieldType.Float64, true),
        new Field("b", FieldType.Boolean, true),
        new Field("s", FieldType.String, true),
        new Field("t", FieldType.String, true),
        new Field("day", FieldType.Date, true),
        new Field("ts", FieldType.Timestamp, true),
        new Field("raw", FieldType.Bytes, true),
    ]);

    public static readonly object?[][] Values =
    [
        [1, 10L, 0.5, true, "ORD", "o%", 11_323L, 978_307_200_000_000L + 3_723_456_789L],
        [0, 0L, 0.0, false, "", "", 0L, 0L],
        [-7, 3L, -2.5, true, "Zürich", "_", -1L, -1L],
        [7, -3L, 2.5, false, "a😀b", "a_b", 11_016L, 951_826_554_000_000L],
        [null, null, null, null, null, null, null, null],
        [2, null, 1.5, null, "ord", null, null, 978_307_199_999_999L],
        [null, 2L, null, true, null, "x", 11_383L, null],
        [int.MaxValue, long.MaxValue, 1e300, true, "2001-02-03", "%0%", 20_000L, 1_700_000_000_000_000L],
        [int.MinValue, long.MinValue, -1e-300, false, "12", "12", -20_000L, -1_000_000_000_001L],
        [3, 4L, double.NaN, false, " 3.5 ", "%3%", 59L, 5_097_600_000_000L],
    ];

    public static ColumnBatch Batch()
    {
        var batch = new ColumnBatch(Schema);
        foreach (var row in Values)
        {
            for (var c = 0; c < row.Length; c++)
                Append(batch.Columns[c], row[c]);
            ((BytesColumn)batch.Columns[^1]).Append([1, 2]);
        }

        return batch;
    }

    public static string? Text(BoundExpression expression, ColumnBatch batch, int row)
    {
        switch (expression.Type)
        {
            case FieldType.Boolean:
                return expression.TryGetBoolean(batch, row, out var boolean) ? boolean ? "true" : "false" : null;
            case FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp:
                return expression.TryGetInt64(batch, row, out var integer) ? $"{integer}" : null;
            case FieldType.String:
                return expression.TryGetString(batch, row, out var text) ? text : null;
            default:
                return expression.TryGetDouble(batch, row, out var number) ? Number(number) : null;
        }
    }

    public static string Number(double value) => value == 0 ? "0" : value.ToString("R");

    private static void Append(Column column, object? value)
    {
        switch (column, value)
        {
            case (_, null):
                column.AppendNull();
                break;
            case (Int64Column c, int v):
                c.Append(v);
                break;
            case (Int64Column c, long v):
                c.Append(v);
                break;
            case (Float64Column c, double v):
                c.Append(v);
                break;
            case (BooleanColumn c, bool v):
                c.Append(v);
                break;
            case (StringColumn c, string v):
                c.Append(v);
                break;
            default:
                throw new ArgumentException($"{column.Field.Name} cannot take {value}");
        }
    }
}
