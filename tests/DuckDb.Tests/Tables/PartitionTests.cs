using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Tables;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class PartitionTests : IDisposable
{
    private readonly HandMadeTable _table = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("string", "it's /%20 ☃", "\"it's /%20 ☃\"")]
    [InlineData("string", "", "null")]
    [InlineData("string", null, "null")]
    [InlineData("integer", "-7", "-7")]
    [InlineData("byte", "-128", "-128")]
    [InlineData("long", "9223372036854775807", "9223372036854775807")]
    [InlineData("double", "1.0E10", "10000000000.0")]
    [InlineData("double", "NaN", "\"NaN\"")]
    [InlineData("float", "-Infinity", "\"-Infinity\"")]
    [InlineData("boolean", "true", "true")]
    [InlineData("decimal(38,18)", "12345678901234567890.123456789012345678", "\"12345678901234567890.123456789012345678\"")]
    [InlineData("date", "0001-01-01", "\"0001-01-01\"")]
    [InlineData("timestamp", "2021-09-08 11:11:11", "\"2021-09-08T11:11:11.000000Z\"")]
    [InlineData("timestamp", "2021-09-08 11:11:11.123456", "\"2021-09-08T11:11:11.123456Z\"")]
    [InlineData("timestamp", "2021-09-08T11:11:11.123456Z", "\"2021-09-08T11:11:11.123456Z\"")]
    [InlineData("timestamp_ntz", "2021-09-08 11:11:11.1", "\"2021-09-08T11:11:11.100000\"")]
    [InlineData("binary", "\u0001\u0000é", "\"0100C3A9\"")]
    public async Task Partition_values_come_from_the_log_with_the_type_of_their_column(string type, string? text, string expected)
    {
        await _table.WriteAsync("p=wrong/1.parquet", "SELECT 1 AS a");
        _table.Commit([.. Create(Struct(Field("p", type), Field("a", "integer")), ["p"], ["timestampNtz"]), Add("p=wrong/1.parquet", new() { ["p"] = text })]);
        Assert.Equal([$"{{\"p\":{expected},\"a\":1}}"], await _table.RowsAsync());
    }

    [Fact]
    public async Task Paths_are_taken_literally()
    {
        string[] paths = ["a*b?.parquet", "[x]/{y}.parquet", "it's.parquet", "back\\slash.parquet", "p=%20 +/ü☃.parquet"];
        foreach (var path in paths)
            await _table.WriteAsync(path, $"SELECT {SqlText.Literal(path)} AS path");
        await _table.WriteAsync("aXbY.parquet", "SELECT 'another' AS path");
        _table.Commit([.. Create(Struct(Field("path", "string"))), .. paths.Select(path => Add(path))]);
        var rows = new List<string>();
        await foreach (var row in _table.Table.ReadAsync<PathRow>(null, Cancel))
            rows.Add(row.Path);
        Assert.Equal(paths.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Many_partitions_and_files_give_the_rows_that_few_give()
    {
        const int Partitions = 90;
        var actions = new List<string>(Create(Struct(Field("p", "integer"), Field("i", "integer"), Field("day", "date")), ["p", "day"], ["deletionVectors"]));
        var expected = new List<string>();
        for (var p = 0; p < Partitions; p++)
        {
            for (var file = 0; file < 4; file++)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"{p}-{file}.parquet");
                if (p + file == 0)
                    await _table.WriteAsync(path, "SELECT i::INT AS i FROM range(3) r(i)");
                else
                    File.Copy(Path.Combine(_table.Folder, "0-0.parquet"), Path.Combine(_table.Folder, path));
                var vector = file == 3 ? DeletionVectorDescriptor.Inline([p % 3]) : null;
                actions.Add(Add(path, new() { ["p"] = p % 10 == 0 ? null : p.ToString(CultureInfo.InvariantCulture), ["day"] = "2024-01-01" }, vector));
                expected.AddRange(Enumerable.Range(0, 3).Where(i => file < 3 || i != p % 3).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"p\":{(p % 10 == 0 ? "null" : p)},\"i\":{i},\"day\":\"2024-01-01\"}}")));
            }
        }

        _table.Commit([.. actions]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), await _table.RowsAsync());

        // The same by other roads: few branches, few paths in the text.
        var snapshot = (await _table.Table.GetSnapshotAsync(null, Cancel))!;
        using var session = DuckDbSession.Open(new DuckDbOptions());
        foreach (var (branches, paths) in new[] { (1, 1), (1000, 1), (1, 1000), (1000, 1000) })
        {
            var scan = await new TableScan(session, snapshot.Store, _table.Folder, snapshot.ColumnMapping, ScanColumn.Of(snapshot)) { WithRowNumbers = true, MostBranches = branches, MostPaths = paths }
                .PrepareAsync([.. snapshot.Files.Select(file => ScanFile.Of(file))], Cancel);
            Assert.Equal(expected.Count, await session.CountAsync($"SELECT count(*) FROM ({scan.Sql})", Cancel));
            var wrong = await session.RowsAsync($"SELECT DISTINCT __file, p FROM ({scan.Sql})", Cancel);
            Assert.Equal(360, wrong.Count);
            Assert.All(wrong, row => Assert.Equal(snapshot.Files[scan.Files[(int)(long)row[0]!]].PartitionValues["p"], row[1]?.ToString()));
        }
    }

    public void Dispose() => _table.Dispose();

    private sealed record PathRow(string Path);
}
