using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Jobs;
using RealTimeMesh.DuckDb.Tests.Writes;

namespace RealTimeMesh.DuckDb.Tests;

/// <summary>Which files of a target the keys of a build can be in.</summary>
public sealed class KeyPruningTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT 5::BIGINT AS id, 'k050' AS name", 1)]
    [InlineData("SELECT * FROM (VALUES (5::BIGINT, 'k005'), (350, 'k350')) v(id, name)", 2)]
    [InlineData("SELECT 1000::BIGINT AS id, 'k005' AS name", 0)]
    [InlineData("SELECT 5::BIGINT AS id, 'k350' AS name", 0)]
    // A null key may be anywhere: the other key still tells.
    [InlineData("SELECT NULL::BIGINT AS id, 'k150' AS name", 1)]
    [InlineData("SELECT * FROM (VALUES (5::BIGINT, NULL), (250, 'k005')) v(id, name)", 2)]
    [InlineData("SELECT * FROM (VALUES (NULL::BIGINT, NULL::VARCHAR), (5, 'k005')) v(id, name)", 4)]
    [InlineData("SELECT 1::BIGINT AS id, 'x' AS name LIMIT 0", 4)]
    public async Task Files_are_left_out_by_the_ranges_of_every_key_without_nulls(string keys, int expected)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, printf('k%03d', i) AS name FROM range(100) r(i)");
        for (var part = 1; part < 4; part++)
            await fixture.Table.AppendAsync(RowSource.Query($"SELECT i AS id, printf('k%03d', i) AS name FROM range({part * 100}, {(part + 1) * 100}) r(i)"), Cancel);
        using var session = DuckDbSession.Open(fixture.Options);
        await session.ExecuteAsync($"CREATE TEMP TABLE keys AS {keys}", Cancel);
        var files = await KeyPruning.CandidatesAsync(session, "keys", await fixture.SnapshotAsync(), ["id", "name"], Cancel);
        Assert.Equal(expected, files.Count);
    }
}
