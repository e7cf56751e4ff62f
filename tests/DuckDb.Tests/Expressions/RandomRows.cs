using RealTimeMesh.Contracts;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

/// <summary>Rows with the values that break things: extremes, signed zeros, NaN, long and odd strings, many nulls.</summary>
internal static class RandomRows
{
    public static readonly RowSchema Schema = new([
        new Field("row", FieldType.Int64, false),
        new Field("b", FieldType.Boolean, true),
        new Field("i", FieldType.Int32, true),
        new Field("l", FieldType.Int64, true),
        new Field("f", FieldType.Float32, true),
        new Field("d", FieldType.Float64, true),
        new Field("s", FieldType.String, true),
        new Field("bin", FieldType.Bytes, true),
        new Field("day", FieldType.Date, true),
        new Field("at", FieldType.Timestamp, true),
        new Field("dec", FieldType.Decimal, true) { Precision = 12, Scale = 3 },
        new Field("big", FieldType.Decimal, true) { Precision = 28, Scale = 6 },
    ]);

    private static readonly string[] s_pieces = ["", "a", "ab", "abc", "Z", "é", "漢", "\U0001F600", "\u007f", "%", "_", "'", " ", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "\uffff", "10", "2024-01-05"];

    public static ColumnBatch Create(Random random, int count, int narrow = 0)
    {
        var batch = new ColumnBatch(Schema);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < batch.Columns.Count; column++)
            {
                if (column > 0 && random.Next(100) < (narrow == 3 ? 90 : 12))
                    batch.Columns[column].AppendNull();
                else
                    Append(batch.Columns[column], random, row, narrow);
            }
        }

        return batch;
    }

    public static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 4)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));

    public static double Number(Random random) => random.Next(12) switch
    {
        0 => 0d,
        1 => -0d,
        2 => double.NaN,
        3 => double.PositiveInfinity,
        4 => double.NegativeInfinity,
        5 => random.NextDouble() * 1e300,
        6 => double.Epsilon,
        _ => random.Next(-50, 50) / 4d,
    };

    private static void Append(Column column, Random random, int row, int narrow)
    {
        var spread = narrow == 0 ? 100 : 10;
        var shift = narrow * 60;
        switch (column)
        {
            case BooleanColumn flags:
                flags.Append(random.Next(2) == 0);
                break;
            case Int64Column numbers:
                numbers.Append(column.Field.Name switch
                {
                    "row" => row,
                    "i" => random.Next(20) == 0 && narrow == 0 ? (random.Next(2) == 0 ? int.MinValue : int.MaxValue) : random.Next(-spread, spread) + shift,
                    "l" => random.Next(20) == 0 && narrow == 0 ? (random.Next(2) == 0 ? long.MinValue : long.MaxValue) : random.Next(-spread, spread) + shift,
                    "day" => 19_700 + shift + random.Next(-spread * 5, spread * 5),
                    _ => ((19_700L + shift) * 86_400_000_000) + random.NextInt64(-spread * 43_200_000_000L, spread * 43_200_000_000L),
                });
                break;
            case Float64Column reals:
                var value = narrow == 0 ? Number(random) : (random.Next(-40, 40) / 8d) + shift;
                reals.Append(column.Field.Type == FieldType.Float32 ? (float)value : value);
                break;
            case StringColumn texts:
                texts.Append(narrow == 0 ? Text(random) : $"{(char)('a' + (narrow * 3))}{Text(random)}");
                break;
            case BytesColumn bytes:
                bytes.Append(System.Text.Encoding.UTF8.GetBytes(Text(random)));
                break;
            default:
                ((DecimalColumn)column).Append(column.Field.Name == "dec" ? (random.Next(-5000, 5000) / 1000m) + shift : (random.NextInt64(-999_999_999_999_999_999, 999_999_999_999_999_999) / 1_000_000m * (narrow == 0 ? 1000m : 1m)) + shift);
                break;
        }
    }
}
