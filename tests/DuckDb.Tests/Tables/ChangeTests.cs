using RealTimeMesh.DeltaLake;
using static RealTimeMesh.DuckDb.Tests.Tables.HandMadeTable;

namespace RealTimeMesh.DuckDb.Tests.Tables;

public sealed class ChangeTests : IDisposable
{
    private readonly HandMadeTable _table = new();
    private readonly string _schema = Struct(Field("i", "integer"), Field("p", "string"));

    [Fact]
    public async Task Files_added_and_removed_are_rows_inserted_and_deleted()
    {
        await WriteAsync("1.parquet", 0, 3);
        await WriteAsync("2.parquet", 10, 3);
        Commit(Add("1.parquet", P("x")));
        _table.Commit(Add("2.parquet", P("y"), DeletionVectorDescriptor.Inline([0])));
        _table.Commit(Remove("1.parquet", P("x")), Remove("2.parquet", P("y"), DeletionVectorDescriptor.Inline([0])));
        _table.Commit(Add("1.parquet", P("z"), dataChange: false));
        Assert.Equal(["0 0 x insert", "0 1 x insert", "0 2 x insert"], await ChangesAsync(0, 0));
        Assert.Equal(["1 11 y insert", "1 12 y insert", "2 0 x delete", "2 1 x delete", "2 11 y delete", "2 12 y delete", "2 2 x delete"], await ChangesAsync(1, null));
        Assert.Empty(await ChangesAsync(3, 3));
    }

    [Fact]
    public async Task Another_deletion_vector_of_a_file_is_the_difference_of_both()
    {
        await WriteAsync("1.parquet", 0, 5);
        Commit(Add("1.parquet", P("x")));
        var (first, second) = (DeletionVectorDescriptor.Inline([1]), DeletionVectorDescriptor.Inline([1, 3, 4]));
        _table.Commit(Remove("1.parquet", P("x")), Add("1.parquet", P("x"), first));
        _table.Commit(Remove("1.parquet", P("x"), first), Add("1.parquet", P("x"), second));
        _table.Commit(Remove("1.parquet", P("x"), second), Add("1.parquet", P("x"), first));
        _table.Commit(Remove("1.parquet", P("x"), first), Add("1.parquet", P("x")));
        Assert.Equal(["1 1 x delete"], await ChangesAsync(1, 1));
        Assert.Equal(["2 3 x delete", "2 4 x delete"], await ChangesAsync(2, 2));
        Assert.Equal(["3 3 x insert", "3 4 x insert"], await ChangesAsync(3, 3));
        Assert.Equal(["4 1 x insert"], await ChangesAsync(4, 4));
    }

    [Fact]
    public async Task Change_files_say_everything_about_their_version()
    {
        await WriteAsync("1.parquet", 0, 2);
        await WriteAsync("2.parquet", 5, 2);
        await _table.WriteAsync("_change_data/p=x/c.parquet", "SELECT 0::INT AS i, 'update_preimage' AS _change_type UNION ALL SELECT 5, 'update_postimage'");
        Commit(Add("1.parquet", P("x")));
        _table.Commit(Remove("1.parquet", P("x")), Add("2.parquet", P("x")), Change("_change_data/p=x/c.parquet", P("x")));
        Assert.Equal(["0 0 x insert", "0 1 x insert", "1 0 x update_preimage", "1 5 x update_postimage"], await ChangesAsync(0, 1));
    }

    [Fact]
    public async Task Changes_before_the_feed_was_on_are_an_error()
    {
        await WriteAsync("1.parquet", 0, 2);
        _table.Commit([.. Create(_schema, ["p"], ["deletionVectors"]), Add("1.parquet", P("x"))]);
        _table.Commit(Metadata(_schema, ["p"], new() { ["delta.enableChangeDataFeed"] = "true" }));
        Assert.Empty(await ChangesAsync(1, 1));
        var fault = await Assert.ThrowsAsync<DeltaException>(() => ChangesAsync(0, 1));
        Assert.Contains("version 0 has no change data feed", fault.Message, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<DeltaException>(() => ChangesAsync(2, null));
        Assert.Contains("from version 2 to 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_older_versions_have_the_columns_of_the_last_one()
    {
        await WriteAsync("1.parquet", 0, 1);
        Commit(Add("1.parquet", P("x")));
        _table.Commit(Metadata(Struct(Field("i", "long"), Field("p", "string"), Field("new", "string")), ["p"], new() { ["delta.enableChangeDataFeed"] = "true" }));
        Assert.Equal(["""{"i":0,"p":"x","new":null}"""], (await _table.ChangesAsync(0, 1)).Select(row => row[..row.IndexOf(",\"_change_type", StringComparison.Ordinal)] + "}"));

        _table.Commit(Metadata(Struct(Field("i", "string"), Field("p", "string"), Field("new", "string")), ["p"], new() { ["delta.enableChangeDataFeed"] = "true" }));
        var fault = await Assert.ThrowsAsync<DeltaException>(() => ChangesAsync(0, 2));
        Assert.Contains("column 'i' was integer and is string", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _table.Dispose();

    private static Dictionary<string, string?> P(string value) => new() { ["p"] = value };

    private void Commit(string add) => _table.Commit([.. Create(_schema, ["p"], ["deletionVectors"], new() { ["delta.enableChangeDataFeed"] = "true" }), add]);

    private Task WriteAsync(string path, int first, int rows) => _table.WriteAsync(path, FormattableString.Invariant($"SELECT ({first} + i)::INT AS i FROM range({rows}) r(i)"));

    private async Task<IReadOnlyList<string>> ChangesAsync(long from, long? to)
    {
        var rows = new List<string>();
        await foreach (var batch in _table.Table.ReadChangesAsync(from, to, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                var reader = RowReader<ChangeRow>.Create("t");
                reader.Bind(batch);
                rows.AddRange(Enumerable.Range(0, batch.Length).Select(reader.Read).Select(row => FormattableString.Invariant($"{row._commit_version} {row.I} {row.P} {row._change_type}")));
            }
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private sealed record ChangeRow(long I, string P, string _change_type, long _commit_version, DateTimeOffset _commit_timestamp);
}
