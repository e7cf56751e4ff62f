using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class StatisticsTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statistics_bound_every_value()
    {
        var table = _fixture.Open();
        var file = (await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 100)], Token))[0];
        using var stats = JsonDocument.Parse(file.Stats!);
        var (min, max, nulls) = (stats.RootElement.GetProperty("minValues"), stats.RootElement.GetProperty("maxValues"), stats.RootElement.GetProperty("nullCount"));
        Assert.Equal(100, stats.RootElement.GetProperty("numRecords").GetInt64());
        Assert.Equal("id-0", min.GetProperty("id").GetString());
        Assert.Equal("id-99", max.GetProperty("id").GetString());
        Assert.Equal(14, nulls.GetProperty("n").GetInt64());
        Assert.Equal(-99, min.GetProperty("i").GetInt32());
        Assert.Equal("99.25", max.GetProperty("price").GetRawText());
        Assert.Equal("2024-10-04", min.GetProperty("day").GetString());
        Assert.Equal("2025-12-29T09:20:00.000Z", min.GetProperty("at").GetString());
        Assert.Equal("2025-12-29T09:20:00.100Z", max.GetProperty("at").GetString());
        Assert.False(min.TryGetProperty("flag", out _));
        Assert.False(min.TryGetProperty("bytes", out _));
    }

    [Fact]
    public async Task The_footer_bounds_what_DuckDB_skips_by()
    {
        var table = _fixture.Open();
        var path = Path.Combine(_fixture.TablePath, (await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 1000)], Token))[0].Path);
        var bounds = TableFixture.Query($"select path_in_schema, stats_min_value, stats_max_value from parquet_metadata('{path}')").ToDictionary(row => TableFixture.Text(row[0]), row => (row[1], row[2]));
        foreach (var column in new[] { "id", "n", "i", "d", "f", "day", "at", "price" })
        {
            var real = TableFixture.Query($"select min(c)::varchar, max(c)::varchar from (select \"{column}\" as c from '{path}') where c is not null")[0];
            Assert.Equal((column, real[0], real[1]), (column, bounds[column].Item1, bounds[column].Item2));
        }
    }

    [Fact]
    public async Task A_footer_written_by_DuckDB_gives_the_same_statistics()
    {
        var table = _fixture.Open();
        var ours = (await table.WriteFilesAsync(TableFixture.Schema, [], [TableFixture.Rows(0, 5000)], Token))[0];
        var source = Path.Combine(_fixture.TablePath, ours.Path);
        TableFixture.Query($"copy (select * from '{source}') to '{Path.Combine(_fixture.TablePath, "other.parquet")}' (format parquet, compression zstd, row_group_size 2048)");
        var theirs = await table.DescribeFileAsync("other.parquet", TableFixture.Schema, new Dictionary<string, string?>(), Token);
        Assert.Equal(Normal(ours.Stats!), Normal(theirs.Stats!));
        Assert.Equal(5000, theirs.NumRecords);

        static string Normal(string stats) => stats.Replace("-0.0", "0", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timestamp_without_zone_in_a_described_file_is_refused_with_the_cure()
    {
        var table = _fixture.Open();
        Directory.CreateDirectory(_fixture.TablePath);
        TableFixture.Query($"copy (select timestamp '2026-01-01' as at) to '{Path.Combine(_fixture.TablePath, "other.parquet")}'");
        var fault = await Assert.ThrowsAsync<DeltaException>(() => table.DescribeFileAsync("other.parquet", new RowSchema([new Field("at", FieldType.Timestamp, true)]), new Dictionary<string, string?>(), Token));
        Assert.Contains("TIMESTAMPTZ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_strings_are_cut_to_bounds_that_still_hold()
    {
        var random = new Random(7);
        string[] alphabet = ["a", "z", "\u007f", "\u00e9", "\u6f22", "\ud7ff", "\ue000", "\uffff", "\U0001F600", "\U0010FFFF"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(28, 40)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            Assert.True(Bytes(StringBounds.Lower(text)).AsSpan().SequenceCompareTo(Bytes(text)) <= 0, text);
            if (StringBounds.Upper(text) is { } upper)
                Assert.True(Bytes(upper).AsSpan().SequenceCompareTo(Bytes(text)) >= 0, text);
            var other = string.Concat(Enumerable.Range(0, 3).Select(_ => alphabet[random.Next(alphabet.Length)]));
            Assert.Equal(Math.Sign(Bytes(text).AsSpan().SequenceCompareTo(Bytes(other))), Math.Sign(StringBounds.Compare(text, other)));
        }

        static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
    }

    [Fact]
    public async Task Not_a_number_leaves_the_bounds_out()
    {
        var schema = new RowSchema([new Field("d", FieldType.Float64, true)]);
        var rows = new ColumnBatch(schema);
        ((Float64Column)rows.Columns[0]).Append(1);
        ((Float64Column)rows.Columns[0]).Append(double.NaN);
        var file = (await _fixture.Open().WriteFilesAsync(schema, [], [rows], Token))[0];
        Assert.Equal("{\"numRecords\":2,\"minValues\":{},\"maxValues\":{},\"nullCount\":{\"d\":0}}", file.Stats);
    }

    [Theory]
    [InlineData("a b/c:d%e.parquet", "a%20b/c%3Ad%25e.parquet")]
    [InlineData("at=10%3A30/x.parquet", "at=10%253A30/x.parquet")]
    [InlineData("plus+é.parquet", "plus+%C3%A9.parquet")]
    public void Paths_are_encoded_once_and_decoded_once(string path, string encoded)
    {
        Assert.Equal(encoded, PathEncoding.Encode(path));
        Assert.Equal(path, PathEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("file:/a%20b/c%2523.parquet", "/a b/c%23.parquet")]
    [InlineData("file:///a/b.parquet", "/a/b.parquet")]
    [InlineData("file://localhost/a/b.parquet", "/a/b.parquet")]
    [InlineData("file:/C:/a.parquet", "C:/a.parquet")]
    [InlineData("/a%20b.parquet", "/a b.parquet")]
    public void File_URIs_of_every_form_are_paths(string encoded, string path) => Assert.Equal(path, PathEncoding.Decode(encoded));

    public void Dispose() => _fixture.Dispose();
}
