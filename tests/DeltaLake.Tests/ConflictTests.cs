namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>Which commits may follow which (Delta's conflict rules), between two writers that began on the same snapshot.</summary>
public sealed class ConflictTests : IDisposable
{
    private static readonly Dictionary<string, string> s_none = [];

    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delete_follows_an_append_outside_of_what_it_read()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.Add(Made("winner", 5)));
        var transaction = table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).DependsOnFiles([snapshot.Files[0]]).DependsOnFilesWhere(file => file.Path.StartsWith("mine", StringComparison.Ordinal));
        Assert.Equal(3, Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("DELETE", s_none, Token)).Version);
    }

    [Fact]
    public async Task A_delete_conflicts_with_an_append_into_what_it_read()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.Add(Made("mine-too", 5)));
        var transaction = table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).DependsOnFilesWhere(file => file.Path.StartsWith("mine", StringComparison.Ordinal));
        var conflict = Assert.IsType<CommitResult.Conflict>(await transaction.CommitAsync("DELETE", s_none, Token));
        Assert.Equal((2L, ConflictKind.ConcurrentAppend), (conflict.Version, conflict.Kind));
        Assert.Contains("mine-too", conflict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_WriteSerializable_a_blind_append_need_not_have_been_read()
    {
        var (table, snapshot) = await FilledAsync(new() { ["delta.isolationLevel"] = "WriteSerializable" });
        await WinAsync(writer => writer.Add(Made("winner", 5)));
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", s_none, Token));
    }

    [Fact]
    public async Task Under_WriteSerializable_rows_that_depend_on_others_must_have_been_read()
    {
        var (table, snapshot) = await FilledAsync(new() { ["delta.isolationLevel"] = "WriteSerializable" });
        await WinAsync(writer => writer.Add(Made("winner", 5)).DependsOnFilesWhere(_ => false));
        var conflict = Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", s_none, Token));
        Assert.Equal(ConflictKind.ConcurrentAppend, conflict.Kind);
    }

    [Fact]
    public async Task Rearranging_rows_follows_appends_and_conflicts_with_a_removal_of_the_same_file()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.Add(Made("winner", 5)));
        var first = table.BeginTransaction(snapshot).Remove(snapshot.Files[0], dataChange: false).DependsOnFiles([snapshot.Files[0]]).Add(Made("packed", 10) with { DataChange = false });
        Assert.IsType<CommitResult.Committed>(await first.CommitAsync("OPTIMIZE", s_none, Token));
        var second = table.BeginTransaction(snapshot).Remove(snapshot.Files[0], dataChange: false).DependsOnFiles([snapshot.Files[0]]).Add(Made("packed-again", 10) with { DataChange = false });
        Assert.Equal(ConflictKind.ConcurrentDeleteDelete, Assert.IsType<CommitResult.Conflict>(await second.CommitAsync("OPTIMIZE", s_none, Token)).Kind);
    }

    [Fact]
    public async Task Rows_derived_from_a_file_conflict_with_its_removal()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.Remove(snapshot.Files[0]).DependsOnFiles([snapshot.Files[0]]));
        var conflict = Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Add(Made("derived", 3)).DependsOnFiles([snapshot.Files[0]]).CommitAsync("WRITE", s_none, Token));
        Assert.Equal(ConflictKind.ConcurrentDeleteRead, conflict.Kind);
    }

    [Fact]
    public async Task Metadata_of_the_winner_is_a_conflict_even_for_a_blind_append()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.SetProperties([new("owner", "someone")]));
        Assert.Equal(ConflictKind.MetadataChanged, Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Add(Made("mine", 3)).CommitAsync("WRITE", s_none, Token)).Kind);
    }

    [Fact]
    public async Task A_protocol_raised_by_the_winner_is_a_conflict()
    {
        var (table, snapshot) = await FilledAsync();
        await WinAsync(writer => writer.SetProperties([new("delta.feature.domainMetadata", "supported")]));
        Assert.Equal(ConflictKind.ProtocolChanged, Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).Add(Made("mine", 3)).CommitAsync("WRITE", s_none, Token)).Kind);
    }

    [Fact]
    public async Task The_same_domain_is_a_conflict_and_another_is_not()
    {
        var (table, _) = await FilledAsync(new() { ["delta.feature.domainMetadata"] = "supported" });
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        await WinAsync(writer => writer.SetDomain("a", "{\"by\":\"winner\"}"));
        var other = Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).SetDomain("b", "{}").CommitAsync("SET DOMAIN", s_none, Token));
        Assert.Equal(snapshot.Version + 2, other.Version);
        Assert.Equal(ConflictKind.ConcurrentTransaction, Assert.IsType<CommitResult.Conflict>(await table.BeginTransaction(snapshot).SetDomain("a", "{}").CommitAsync("SET DOMAIN", s_none, Token)).Kind);
        var domains = (await table.GetSnapshotAsync(null, Token))!.Domains;
        Assert.Equal("{\"by\":\"winner\"}", domains["a"]);
        Assert.Equal("{}", domains["b"]);
    }

    [Fact]
    public async Task A_race_lost_too_often_is_given_back()
    {
        var (_, snapshot) = await FilledAsync();
        for (var i = 0; i < 3; i++)
            await WinAsync(writer => writer.Add(Made("winner", 1)));
        var impatient = _fixture.Open(new DeltaTableOptions { MaxCommitAttempts = 1 });
        var conflict = Assert.IsType<CommitResult.Conflict>(await impatient.BeginTransaction(snapshot).Add(Made("late", 1)).CommitAsync("WRITE", s_none, Token));
        Assert.Equal(ConflictKind.AttemptsExhausted, conflict.Kind);
    }

    public void Dispose() => _fixture.Dispose();

    private static AddFile Made(string name, long rows) => new($"{name}.parquet", new Dictionary<string, string?>(), 100, 1, true, rows, $"{{\"numRecords\":{rows}}}");

    private async Task<(DeltaTable Table, Snapshot Snapshot)> FilledAsync(Dictionary<string, string?>? properties = null)
    {
        var table = _fixture.Open();
        await table.BeginTransaction(null).SetMetadata(TableFixture.Schema, [], "test").SetProperties(properties ?? []).CommitAsync("CREATE TABLE", s_none, Token);
        var empty = (await table.GetSnapshotAsync(null, Token))!;
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(empty).Add(Made("mine-first", 10)).CommitAsync("WRITE", s_none, Token));
        return (table, (await table.GetSnapshotAsync(null, Token))!);
    }

    private async Task WinAsync(Action<DeltaTransaction> act)
    {
        var table = _fixture.Open();
        var transaction = table.BeginTransaction(await table.GetSnapshotAsync(null, Token));
        act(transaction);
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", s_none, Token));
    }
}
