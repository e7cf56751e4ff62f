using RealTimeMesh.DeltaLake;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

/// <summary>Filters of columns whose type was widened: each of them is false or null for the row of the old file if cast to the old type.</summary>
public sealed class WidenedScanTests : IDisposable
{
    private readonly HandMadeTable _table = new();

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData("at = TIMESTAMP_NTZ '2024-09-09 12:34:56'", 0)]
    [InlineData("at < TIMESTAMP_NTZ '2024-09-09 12:34:56'", 1)]
    [InlineData("i = 1.5D", 0)]
    [InlineData("i < 2.4D", 1)]
    [InlineData("i > 1.6D", 1)]
    [InlineData("d = 1.50001", 0)]
    [InlineData("d < 1.50001", 1)]
    [InlineData("l > 3000000000", 0)]
    [InlineData("l < 3000000000", 1)]
    [InlineData("f = 3.4000000953674316D", 1)]
    [InlineData("f = 3.4D", 0)]
    [InlineData("s.i = 1.5D", 0)]
    [InlineData("s.i < 2.4D", 1)]
    public async Task A_filter_sees_the_values_of_an_older_type_after_their_cast(string where, int rows)
    {
        await WriteAsync();
        Assert.Equal(rows, (await _table.RowsAsync(new ReadOptions { Where = where })).Count);
    }

    [Fact]
    public async Task A_merge_does_not_match_rows_of_an_older_type_by_a_rounded_key()
    {
        await WriteAsync();
        using var session = DuckDbSession.Open(new DuckDbOptions());
        var snapshot = await _table.Table.GetSnapshotAsync((long?)null, TestContext.Current.CancellationToken);
        await session.RegisterSnapshotAsync("t", _table.Folder, snapshot!, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, await session.CountAsync("SELECT count(*) FROM t JOIN (VALUES (2.0::DOUBLE), (1.5), (2.4)) k(i) ON t.i = k.i", TestContext.Current.CancellationToken));
        Assert.Equal(0, await session.CountAsync("SELECT count(*) FROM t JOIN (VALUES (TIMESTAMP '2024-09-09 12:34:56')) k(moment) ON t.\"at\" = k.moment", TestContext.Current.CancellationToken));
    }

    private async Task WriteAsync()
    {
        await _table.WriteAsync("old.parquet", "SELECT DATE '2024-09-09' AS at, 2::INT AS i, 1.5::DECIMAL(5,2) AS d, 7::INT AS l, 3.4::FLOAT AS f, {'i': 2::INT} AS s");
        _table.Commit([.. Create(
            Struct(
                Widened("at", "date", "timestamp_ntz"), Widened("i", "integer", "double"), Widened("d", "decimal(5,2)", "decimal(20,5)"),
                Widened("l", "integer", "long"), Widened("f", "float", "double"), Field("s", Struct(Widened("i", "integer", "double")))),
            features: ["typeWidening", "timestampNtz"]), Add("old.parquet")]);
    }

    private static string Widened(string name, string from, string to) =>
        Field(name, to, extra: $$"""\"delta.typeChanges\":[{\"fromType\":\"{{from}}\",\"toType\":\"{{to}}\"}]""".Replace("\\", "", StringComparison.Ordinal));
}
