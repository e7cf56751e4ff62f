using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

/// <summary>Expressions computed column at a time give what they give row by row.</summary>
public sealed class ColumnTests
{
    [Fact]
    public void Columns_of_values_equal_those_computed_row_by_row()
    {
        var batch = Many();
        int[] all = [.. Enumerable.Range(0, batch.Count)];
        int[] few = [3, 7, 41];
        foreach (var text in DuckDbOracleTests.Expressions.Select(row => row.Data).Concat(Random(2_000)))
        {
            Assert.True(ExpressionCompiler.TryCompile(text, Rows.Schema, out var expression, out var error), $"{text}: {error}");
            foreach (var rows in new[] { all, few })
            {
                var column = Column.Create(new Field("x", expression.ColumnType, true));
                column.AppendNull();
                expression.AppendTo(batch, rows, column);
                Assert.Equal(rows.Length + 1, column.Count);
                for (var i = 0; i < rows.Length; i++)
                    Assert.True(Rows.Text(expression, batch, rows[i]) == Text(column, i + 1), $"{text}, row {rows[i]}: {Text(column, i + 1) ?? "NULL"}; expected {Rows.Text(expression, batch, rows[i]) ?? "NULL"}");
                Assert.Equal(Enumerable.Range(0, column.Count).Count(column.IsNull), column.NullCount);
            }

            if (expression.Type != FieldType.Boolean)
                continue;
            var selected = new int[batch.Count];
            Assert.Equal(all.Where(row => expression.IsTrue(batch, row)), selected.Take(expression.SelectTrue(batch, selected)));
        }
    }

    [Fact]
    public void Decimal_fields_are_handed_on_exactly_and_computed_ones_are_doubles()
    {
        var schema = new RowSchema([new Field("price", FieldType.Decimal, true) { Precision = 28, Scale = 2 }, new Field("raw", FieldType.Bytes, true)]);
        var batch = new ColumnBatch(schema);
        ((DecimalColumn)batch.Columns[0]).Append(12345678901234567890.12m);
        ((BytesColumn)batch.Columns[1]).Append([1, 2]);
        Assert.True(ExpressionCompiler.TryCompile("price", schema, out var same, out _));
        Assert.True(ExpressionCompiler.TryCompile("price * 2", schema, out var twice, out _));
        Assert.True(ExpressionCompiler.TryCompile("raw", schema, out var raw, out _));
        Assert.Equal((FieldType.Decimal, FieldType.Float64), (same.ColumnType, twice.ColumnType));
        var column = new DecimalColumn(new Field("p", FieldType.Decimal, true));
        same.AppendTo(batch, [0], column);
        Assert.Equal(12345678901234567890.12m, column[0]);
        var bytes = new BytesColumn(new Field("p", FieldType.Bytes, true));
        raw.AppendTo(batch, [0], bytes);
        Assert.Equal([1, 2], bytes[0]);
        Assert.Equal(0, raw.FieldOrdinal - 1);
    }

    /// <summary>The rows of the catalogue, often enough that a few are few.</summary>
    private static ColumnBatch Many()
    {
        var once = Rows.Batch();
        var batch = new ColumnBatch(Rows.Schema);
        int[] rows = [.. Enumerable.Range(0, 60).Select(i => i * 7 % once.Count)];
        for (var c = 0; c < batch.Columns.Count; c++)
            batch.Columns[c].AppendRows(once.Columns[c], rows);
        return batch;
    }

    private static IEnumerable<string> Random(int count)
    {
        var generator = new RandomExpressions(11);
        for (var i = 0; i < count; i++)
            yield return generator.Next();
    }

    private static string? Text(Column column, int row) => column.GetValue(row) switch
    {
        null => null,
        bool boolean => boolean ? "true" : "false",
        long integer => $"{integer}",
        double number => Rows.Number(number),
        string text => text,
        var other => throw new InvalidOperationException($"found {other}"),
    };
}
