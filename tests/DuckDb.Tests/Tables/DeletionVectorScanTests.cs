using System.Globalization;
using RealTimeMesh.DeltaLake;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class DeletionVectorScanTests : IDisposable
{
    private readonly HandMadeTable _table = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_random_vectors_are_left_out_of_random_files()
    {
        var random = new Random(20_261_123);
        for (var round = 0; round < 5; round++)
        {
            using var table = new HandMadeTable();
            var actions = new List<string>(Create(Struct(Field("i", "long"), Field("p", "integer")), ["p"], ["deletionVectors"]));
            var expected = new HashSet<long>();
            await using var vectors = await DeletionVectorFile.CreateAsync(table.Folder, new Guid(round, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), Cancel);
            for (var file = 0; file < 6; file++)
            {
                var rows = random.Next(1, 60_000);
                var first = file * 1_000_000L;
                await table.WriteAsync($"{file}.parquet", string.Create(CultureInfo.InvariantCulture, $"SELECT {first} + i AS i FROM range({rows}) r(i)"), ", ROW_GROUP_SIZE 2048");
                var deleted = RandomRows(random, rows);
                expected.UnionWith(Enumerable.Range(0, rows).Where(row => !deleted.Contains(row)).Select(row => first + row));
                var vector = deleted.Cardinality == 0 ? null : random.Next(2) == 0 ? DeletionVectorDescriptor.Inline(deleted) : await vectors.AddAsync(deleted, Cancel);
                actions.Add(Add($"{file}.parquet", new() { ["p"] = (file % 2).ToString(CultureInfo.InvariantCulture) }, vector));
            }

            await vectors.CompleteAsync(Cancel);
            table.Commit([.. actions]);
            var found = new HashSet<long>();
            await foreach (var row in table.Table.ReadAsync<Row>(null, Cancel))
                Assert.True(found.Add(row.I) && row.P == row.I / 1_000_000 % 2);
            Assert.True(expected.SetEquals(found), $"round {round}: {expected.Count} rows expected, {found.Count} found");
        }
    }

    [Fact]
    public async Task Millions_of_deleted_rows_do_not_outgrow_the_memory_limit()
    {
        const int Rows = 4_000_000;
        await _table.WriteAsync("1.parquet", $"SELECT i FROM range({Rows}) r(i)");
        var deleted = new RoaringBitmap64();
        for (var i = 0; i < Rows; i += 2)
            deleted.Add(i);
        await using (var vectors = await DeletionVectorFile.CreateAsync(_table.Folder, new Guid(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), Cancel))
        {
            _table.Commit([.. Create(Struct(Field("i", "long")), features: ["deletionVectors"]), Add("1.parquet", null, await vectors.AddAsync(deleted, Cancel))]);
            await vectors.CompleteAsync(Cancel);
        }

        var snapshot = (await _table.Table.GetSnapshotAsync(null, Cancel))!;
        using var session = DuckDbSession.Open(new DuckDbOptions { MemoryLimitMiB = 100, SpillPath = Path.Combine(_table.Folder, "spill") });
        await session.RegisterSnapshotAsync("t", _table.Folder, snapshot, null, Cancel);
        var row = (await session.RowsAsync("SELECT count(*), min(i), max(i), sum(i % 2)::BIGINT FROM t", Cancel))[0];
        Assert.Equal([Rows / 2L, 1L, Rows - 1L, Rows / 2L], row.Select(value => Convert.ToInt64(value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_vector_that_cannot_be_read_is_an_error_not_rows()
    {
        await _table.WriteAsync("1.parquet", "SELECT 1::BIGINT AS i");
        _table.Commit([.. Create(Struct(Field("i", "long")), features: ["deletionVectors"]), Add("1.parquet", null, new DeletionVectorDescriptor("p", "file:///no/such/vector.bin", 1, 40, 1))]);
        Assert.Contains("deletion vector", (await Assert.ThrowsAsync<DeltaException>(() => _table.RowsAsync())).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _table.Dispose();

    private static RoaringBitmap64 RandomRows(Random random, int rows)
    {
        var deleted = new RoaringBitmap64();
        switch (random.Next(4))
        {
            case 0:
                break;
            case 1:
                deleted.AddRange(rows / 4, rows / 2);
                break;
            case 2:
                for (var i = 0; i < rows; i++)
                {
                    if (random.Next(3) == 0)
                        deleted.Add(i);
                }

                break;
            default:
                deleted.AddRange(0, rows - 1);
                break;
        }

        return deleted;
    }

    private sealed record Row(long I, int P);
}
