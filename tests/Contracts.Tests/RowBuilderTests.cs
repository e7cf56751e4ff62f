using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class RowBuilderTests
{
    private readonly AvroContract _contract = AvroContract.Parse(SampleContracts.Departure);
    private readonly ColumnBatch _batch;
    private readonly RowBuilder _builder;

    public RowBuilderTests()
    {
        _batch = new ColumnBatch(_contract.Rows);
        _builder = new RowBuilder(_contract.Rows, _batch);
    }

    [Fact]
    public void Text_and_typed_values_make_the_same_row()
    {
        Assert.True(_builder.TrySetText(0, "2001-01-01 00:01", out _));
        Assert.True(_builder.TrySetText(1, "", out _));
        Assert.True(_builder.TrySetText(2, "2475", out _));
        Assert.True(_builder.TrySetText(3, "JFK", out _));
        Assert.True(_builder.TrySetText(4, "LAX".AsSpan(), out _));
        Assert.True(_builder.TryComplete(out _));
        Assert.True(_builder.TrySetString(4, "LAX", out _));
        Assert.True(_builder.TrySetString(3, "JFK", out _));
        Assert.True(_builder.TrySetInt64(2, 2475, out _));
        Assert.True(_builder.TrySetDateTime(0, new DateTime(2001, 1, 1, 0, 1, 0), out _));
        Assert.True(_builder.TryComplete(out _));

        Assert.Equal(2, _batch.Count);
        Assert.All(_batch.Columns, column => Assert.Equal(column.GetValue(0), column.GetValue(1)));
    }

    [Fact]
    public void Fault_leaves_the_row_open_until_it_is_cancelled()
    {
        Assert.True(_builder.TrySetText(3, "JFK", out _));
        Assert.False(_builder.TrySetText(2, "far", out var type));
        Assert.False(_builder.TrySetText(3, "LAX", out var twice));
        _builder.Cancel();
        Assert.True(_builder.TrySetText(3, "LAX", out _));
        Assert.False(_builder.TryComplete(out var missing));

        Assert.Equal(("distance", RowRules.Type), (type.Field, type.Rule));
        Assert.Equal(("origin", RowRules.Json), (twice.Field, twice.Rule));
        Assert.Equal(("scheduled", RowRules.Missing), (missing.Field, missing.Rule));
        Assert.All(_batch.Columns, column => Assert.Equal(0, column.Count));
    }

    [Theory]
    [InlineData("\"int\"", "", RowRules.Missing)]
    [InlineData("\"string\"", null, RowRules.Missing)]
    [InlineData("\"int\"", "1,000", RowRules.Type)]
    [InlineData("\"int\"", " 1", RowRules.Type)]
    [InlineData("\"double\"", "NaN", RowRules.Type)]
    [InlineData("\"boolean\"", "yes", RowRules.Type)]
    public void Text_is_refused_by_the_same_rules_as_json(string type, string? text, string rule)
    {
        var contract = SampleContracts.OneField(type);
        var batch = new ColumnBatch(contract.Rows);

        Assert.False(RowConverter.TryAppendText(batch.Columns[0], text, out var fault));

        Assert.Equal(rule, fault.Rule);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void Text_with_half_of_a_surrogate_pair_is_refused()
    {
        Assert.False(_builder.TrySetText(3, "half \ud800", out var high));
        Assert.False(_builder.TrySetText(3, "\udeeb half", out var low));
        Assert.True(_builder.TrySetText(3, "whole 🛫🛫", out _));

        Assert.Equal((RowRules.Encoding, RowRules.Encoding), (high.Rule, low.Rule));
    }

    [Fact]
    public void Very_long_text_in_a_number_is_refused_and_shown_cut()
    {
        Assert.False(_builder.TrySetText(2, new string('9', 1_000_000), out var fault));

        Assert.InRange(fault.Found.Length, 1, 100);
    }

    [Fact]
    public void Typed_values_are_refused_where_they_would_lose_something()
    {
        Assert.False(_builder.TrySetInt64(2, 1L << 40, out _));
        Assert.False(_builder.TrySetDouble(2, 1.5, out _));
        Assert.False(_builder.TrySetDateTime(0, new DateTime(2001, 1, 1).AddTicks(1), out _));
        Assert.False(_builder.TrySetInstant(0, 1, out _));
        Assert.False(_builder.TrySetBoolean(2, true, out _));
        Assert.False(_builder.TrySetNull(2, out _));
        Assert.True(_builder.TrySetDouble(2, 2.0, out _));
        Assert.False(RowConverter.TryAppend(new ColumnBatch(SampleContracts.OneField("\"double\"").Rows).Columns[0], (1L << 53) + 1, out _));
    }
}
