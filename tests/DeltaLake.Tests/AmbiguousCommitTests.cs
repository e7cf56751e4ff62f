namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>A commit whose answer is lost is neither made twice nor given up.</summary>
public sealed class AmbiguousCommitTests : IDisposable
{
    private readonly TableFixture _fixture = new();
    private readonly List<string> _faults = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_found_by_its_txnId()
    {
        var snapshot = await _fixture.CreateAsync(_fixture.Open());
        var table = Open(PutFault.After);
        Assert.Equal(new CommitResult.Committed(1), await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10)));
        var read = (await _fixture.Open().GetSnapshotAsync(null, Token))!;
        Assert.Equal((1L, 10L), (read.Version, read.RowCount));
        Assert.Contains("commit 1", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_another_won_while_the_answer_was_lost_goes_behind_it()
    {
        var snapshot = await _fixture.CreateAsync(_fixture.Open());
        await TableFixture.AppendAsync(_fixture.Open(), snapshot, TableFixture.Rows(0, 5));
        Assert.Equal(new CommitResult.Committed(2), await TableFixture.AppendAsync(Open(PutFault.After), snapshot, TableFixture.Rows(5, 10)));
        Assert.Equal(15, (await _fixture.Open().GetSnapshotAsync(null, Token))!.RowCount);
    }

    [Fact]
    public async Task A_commit_that_was_not_made_is_reported()
    {
        var snapshot = await _fixture.CreateAsync(_fixture.Open());
        await Assert.ThrowsAsync<IOException>(() => TableFixture.AppendAsync(Open(PutFault.Before), snapshot, TableFixture.Rows(0, 10)));
        Assert.Equal(0, (await _fixture.Open().GetSnapshotAsync(null, Token))!.Version);
    }

    public void Dispose() => _fixture.Dispose();

    private DeltaTable Open(PutFault fault) => _fixture.Open(new DeltaTableOptions
    {
        Store = new FaultyStore(name => name == $"{1:D20}.json" ? fault : PutFault.None),
        OnFault = (what, _) => _faults.Add(what),
    });
}
