using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests;

public class SketchTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void Quantiles_stay_within_one_percent_of_rank_even_when_merged(int count)
    {
        var random = new Random(11);
        // Long-tailed, as delays are.
        double[] values = [.. Enumerable.Range(0, count).Select(_ => -Math.Log(1 - random.NextDouble()) * 20)];
        var whole = new QuantileSketch();
        var parts = Enumerable.Range(0, 4).Select(_ => new QuantileSketch()).ToArray();
        for (var i = 0; i < count; i++)
        {
            whole.Add(values[i]);
            parts[i % 4].Add(values[i]);
        }

        foreach (var part in parts[1..])
            parts[0].Merge(part);
        double[] sorted = [.. values.Order()];
        foreach (var q in (double[])[0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1])
        {
            foreach (var found in (double[])[whole.Quantile(q), parts[0].Quantile(q)])
            {
                var rank = (double)sorted.Count(value => value < found) / count;
                output.WriteLine($"{count} q={q}: {found} has rank {rank}");
                Assert.InRange(rank, q - 0.0101, q + 0.0101);
            }
        }
    }

    [Fact]
    public void Quantile_of_few_values_is_exact_and_saving_changes_nothing()
    {
        var sketch = new QuantileSketch();
        foreach (var value in (double[])[3, 1, 2, 10.5])
            sketch.Add(value);
        Assert.Equal(2.5, sketch.Quantile(0.5));
        var endless = new Random(3);
        for (var i = 0; i < 1_000; i++)
        {
            sketch.Add(endless.NextDouble());
            if (i % 97 == 0)
                sketch = Reload(sketch);
        }

        var other = new QuantileSketch();
        foreach (var value in (double[])[3, 1, 2, 10.5])
            other.Add(value);
        endless = new Random(3);
        for (var i = 0; i < 1_000; i++)
            other.Add(endless.NextDouble());
        Assert.Equal(other.Quantile(0.9), sketch.Quantile(0.9));
    }

    [Theory]
    [InlineData(256, 0)]
    [InlineData(3_000, 0.06)]
    [InlineData(200_000, 0.06)]
    public void Distinct_count_is_exact_to_256_and_within_six_percent_beyond(int count, double error)
    {
        var left = new DistinctSketch();
        var right = new DistinctSketch();
        for (var i = 0; i < count * 2; i++)
            (i % 2 == 0 ? left : right).Add(DistinctSketch.Hash((i % count).ToString(CultureInfo.InvariantCulture)));
        left.Merge(right);
        var blob = new BlobWriter();
        left.Save(blob);
        var reader = new BlobReader(blob.Written);

        var found = DistinctSketch.Load(ref reader).Count;

        output.WriteLine($"{count}: {found}");
        Assert.InRange(found, count * (1 - error), count * (1 + error));
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(-17.0)]
    [InlineData(0.1)]
    [InlineData(1e300)]
    [InlineData(4503599627370495.0)]
    [InlineData(-4503599627370496.0)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Numbers_come_back_bit_for_bit(double value)
    {
        var blob = new BlobWriter();
        blob.Number(value);
        var reader = new BlobReader(blob.Written);
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(reader.Number()));
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Negative_zero_keeps_its_sign() => Numbers_come_back_bit_for_bit(double.NegativeZero);

    [Fact]
    public void Damaged_state_is_refused_not_read_past_its_end()
    {
        Assert.Throws<StreamingException>(() => new BlobReader([0xFF, 0xFF]).Unsigned());
        Assert.Throws<StreamingException>(() => new BlobReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]).Unsigned());
        Assert.Throws<StreamingException>(() => new BlobReader([5, 65]).Text());
    }

    [Fact]
    public void Sum_of_integers_beyond_64_bits_is_exact()
    {
        var stream = TestStreams.Stream();
        var view = TestStreams.View(stream, "v", ["symbol"], select: [("total", "sum(size)")]);
        var sum = AggregatorFactory.Create(view, view.Select[0]);
        var batch = new ColumnBatch(stream.Contract.Rows);
        for (var i = 0; i < 3; i++)
            TestStreams.Append(batch, new Trade("A", 1) { Size = long.MaxValue });
        var cells = new long[sum.Cells];
        object? state = null;
        for (var i = 0; i < 3; i++)
            sum.Add(cells, ref state, batch, i, 0, i);
        var blob = new BlobWriter();
        sum.Save(blob, cells, state);
        var loaded = new long[sum.Cells];
        var reader = new BlobReader(blob.Written);
        sum.Load(ref reader, loaded, ref state);

        using var buffer = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
            sum.WriteResult(json, loaded, state);
        Assert.Equal("27670116110564327421", System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    [Theory]
    [InlineData("sum", "symbol", 0, "expected a number")]
    [InlineData("median", "price", 0, "expected one of avg, count")]
    [InlineData("quantile", "price", 1.5, "from 0 to 1")]
    public void Aggregate_that_cannot_be_compiled_names_view_and_column(string function, string argument, double parameter, string expected)
    {
        var stream = TestStreams.Stream();
        var view = TestStreams.View(stream, "v", ["symbol"]);

        var fault = Assert.Throws<StreamingException>(() => AggregatorFactory.Create(view, new AggregateDefinition("col", function, TestStreams.Expression(argument, stream), parameter)));

        Assert.Contains("'test.v', column 'col'", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private static QuantileSketch Reload(QuantileSketch sketch)
    {
        var blob = new BlobWriter();
        sketch.Save(blob);
        var reader = new BlobReader(blob.Written);
        return QuantileSketch.Load(ref reader);
    }
}
