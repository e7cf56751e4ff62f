using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.DuckDb;
using RealTimeMesh.ObjectStores.Tests.S3;

namespace RealTimeMesh.ObjectStores.Tests.Tables;

/// <summary>Eight writers, each with a store of its own as a process has it, on one remote table.</summary>
public sealed class RacingWritersTests : IDisposable
{
    private const int Writers = 8;
    private const int Rounds = 6;
    private const string Url = "s3://lake/t";
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public async Task Versions_are_contiguous_and_nothing_is_lost_or_doubled(double faults)
    {
        await using var server = await S3TestServer.StartAsync();
        var engine = new DuckDbTableEngine(new DuckDbOptions { Threads = 1 });
        using (var store = Open(server))
        {
            var table = DeltaTable.At(Url, new DeltaTableOptions { Store = store, Engine = engine }, TimeProvider.System);
            await table.WriteAsync(new WriteRequest(Rows(-1, 0)) { Properties = new Dictionary<string, string?> { ["delta.checkpointInterval"] = "7" } }, Cancel);
        }

        server.Faults.Randomly(faults);
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(server, engine, writer), Cancel));
        var commits = (await Task.WhenAll(writers)).SelectMany(versions => versions).ToList();
        server.Faults.Randomly(0);

        // Each writer merged its own row over and over: the last value stands, once.
        using var reader = Open(server);
        var result = DeltaTable.At(Url, new DeltaTableOptions { Store = reader, Engine = engine }, TimeProvider.System);
        var snapshot = (await result.GetSnapshotAsync(null, Cancel))!;
        Assert.Equal(Enumerable.Range(1, Writers * Rounds).Select(i => (long)i), commits.Order());
        Assert.Equal(Writers * Rounds, snapshot.Version);
        var rows = await result.ReadAsync<Row>(null, Cancel).OrderBy(row => row.Writer).ThenBy(row => row.Round).ToListAsync(Cancel);
        var expected = from writer in Enumerable.Range(-1, Writers + 1)
                       from round in Enumerable.Range(0, Rounds)
                       where writer < 0 ? round == 0 : round % 2 == 0 || round == Rounds - 1
                       select new Row(writer, round);
        Assert.Equal(expected, rows);
        await server.Objects.SaveAsync("t/", _folder.Path);
        WrittenTables.Check(Path.Combine(_folder.Path, "t"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Even rounds append a row, odd ones but the last merge it away again and append none.</summary>
    private async Task<List<long>> WriteAsync(S3TestServer server, DuckDbTableEngine engine, int writer)
    {
        using var store = Open(server);
        var table = DeltaTable.At(Url, new DeltaTableOptions { Store = store, Engine = engine, MaxOperationAttempts = 200 }, TimeProvider.System);
        List<long> versions = [];
        for (var round = 0; round < Rounds; round++)
        {
            var result = round % 2 == 0 || round == Rounds - 1
                ? await table.AppendAsync(Rows(writer, round), Cancel)
                : await table.Merge(Rows(writer, round - 1), "target.writer = source.writer AND target.round = source.round").WhenMatchedUpdateAll().RunAsync(Cancel);
            versions.Add(result.Version!.Value);
        }

        return versions;
    }

    private ObjectTableStore Open(S3TestServer server) => ObjectTableStore.Open(Url, server.Options(_folder.Path) with { MaxAttempts = 20, RequestTimeout = TimeSpan.FromSeconds(2) }, TimeProvider.System);

    private static RowSource Rows(int writer, int round) => RowSource.Query(FormattableString.Invariant($"SELECT {writer}::BIGINT AS writer, {round}::BIGINT AS round"));

    private sealed record Row(long Writer, long Round);
}
