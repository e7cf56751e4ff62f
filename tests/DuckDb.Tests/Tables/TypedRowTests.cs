using RealTimeMesh.DeltaLake;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class TypedRowTests : IDisposable
{
    private readonly HandMadeTable _table = new();

    [Fact]
    public async Task Rows_become_records_with_every_type()
    {
        await WriteAsync();
        var rows = await ReadAsync<Everything>();
        var full = rows.Single(row => row.Id == 1);
        Assert.Equal((1L, "a", 2, 1.5, 2.5m, true, new DateOnly(2024, 1, 2)), (full.Id, full.Name, full.Small, full.Score, full.Price, full.Flag, full.Day));
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(60), full.At);
        Assert.Equal((new DateTime(2024, 1, 2, 3, 4, 5), DateTimeKind.Unspecified), (full.Local, full.Local!.Value.Kind));
        Assert.Equal([1, 2], full.Bytes!);
        Assert.Equal([1, null, 3], full.Numbers!);
        Assert.Equal(new Place("x", [7]), full.Place! with { });
        Assert.Equal(new Dictionary<string, int?> { ["k"] = 1, ["n"] = null }, full.Counts);
        var empty = rows.Single(row => row.Id == 2);
        Assert.Equal((null, null, null, null, null, null), (empty.Name, empty.Small, empty.Price, empty.At, empty.Numbers, empty.Place));
    }

    [Fact]
    public async Task Settable_properties_take_columns_too()
    {
        await WriteAsync();
        Assert.Equal([(1L, "a"), (2L, null)], (await ReadAsync<Loose>()).OrderBy(row => row.Id).Select(row => (row.Id, row.Name)));
    }

    [Fact]
    public async Task A_member_without_a_fitting_column_is_an_error_that_names_both()
    {
        await WriteAsync();
        Assert.Contains("'Missing'", (await Assert.ThrowsAsync<DeltaException>(() => ReadAsync<WithMissing>())).Message, StringComparison.Ordinal);
        var narrowing = await Assert.ThrowsAsync<DeltaException>(() => ReadAsync<Narrow>());
        Assert.Contains("column 'id' is int64; expected long or decimal, found Int32 Id", narrowing.Message, StringComparison.Ordinal);
        Assert.Contains("column 'Name' holds a null", (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync<NoNulls>())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_without_an_engine_says_what_to_set()
    {
        await WriteAsync();
        var table = DeltaTable.At(_table.Folder, new DeltaTableOptions(), TimeProvider.System);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => HandMadeTable.LinesAsync(table.ReadAsync(null, TestContext.Current.CancellationToken)));
        Assert.Contains("DeltaTableOptions.Engine", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_early_or_cancelling_stops_the_scan()
    {
        await _table.WriteAsync("1.parquet", "SELECT i FROM range(3000000) r(i)");
        _table.Commit([.. Create(Struct(Field("i", "long"))), Add("1.parquet")]);
        var seen = 0L;
        await foreach (var batch in _table.Table.ReadAsync(null, TestContext.Current.CancellationToken))
        {
            using (batch)
                seen += batch.Length;
            if (seen > 10_000)
                break;
        }

        Assert.InRange(seen, 10_001, 200_000);
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in _table.Table.ReadAsync(null, source.Token))
            {
                batch.Dispose();
                await source.CancelAsync();
            }
        });
    }

    public void Dispose() => _table.Dispose();

    private async Task WriteAsync()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1::BIGINT AS id, 'a' AS name, 2::SMALLINT AS small, 1.5::FLOAT AS score, 2.5::DECIMAL(10,2) AS price, true AS flag, DATE '2024-01-02' AS day, TIMESTAMPTZ '2024-01-02 03:04:05.000006+00' AS at, TIMESTAMP '2024-01-02 03:04:05' AS local, '\\x01\\x02'::BLOB AS bytes, [1, NULL, 3]::INT[] AS numbers, {'street': 'x', 'codes': [7]::BIGINT[]} AS place, MAP {'k': 1, 'n': NULL}::MAP(VARCHAR, INT) AS counts UNION ALL SELECT 2, NULL, NULL, 0, NULL, false, DATE '1969-12-31', NULL, NULL, NULL, NULL, NULL, NULL");
        _table.Commit([.. Create(
            Struct(Field("id", "long"), Field("name", "string"), Field("small", "short"), Field("score", "float"), Field("price", "decimal(10,2)"), Field("flag", "boolean"), Field("day", "date"), Field("at", "timestamp"), Field("local", "timestamp_ntz"), Field("bytes", "binary"), Field("numbers", Array("integer")), Field("place", Struct(Field("street", "string"), Field("codes", Array("long")))), Field("counts", Map("string", "integer"))),
            features: ["timestampNtz"]), Add("1.parquet")]);
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>()
    {
        var rows = new List<T>();
        await foreach (var row in _table.Table.ReadAsync<T>(null, TestContext.Current.CancellationToken))
            rows.Add(row);
        return rows;
    }

    private sealed record Everything(long Id, string? Name, int? Small, double Score, decimal? Price, bool Flag, DateOnly Day, DateTimeOffset? At, DateTime? Local, byte[]? Bytes, int?[]? Numbers, Place? Place, IReadOnlyDictionary<string, int?>? Counts);

    private sealed record Place(string Street, List<long> Codes)
    {
        public bool Equals(Place? other) => other is not null && Street == other.Street && Codes.SequenceEqual(other.Codes);

        public override int GetHashCode() => Street.GetHashCode(StringComparison.Ordinal);
    }

    private sealed class Loose
    {
        public long Id { get; set; }

        public string? Name { get; set; }
    }

    private sealed record WithMissing(long Id, string Missing);

    private sealed record Narrow(int Id);

    private sealed record NoNulls(string Name);
}
