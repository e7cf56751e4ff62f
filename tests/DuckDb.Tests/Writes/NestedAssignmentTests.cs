using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

public sealed class NestedAssignmentTests
{
    private const string Rows = "SELECT CAST(i AS BIGINT) AS id, CASE WHEN i = 2 THEN NULL ELSE struct_pack(b := CAST(i AS BIGINT), c := struct_pack(d := 'd' || i, e := CAST(0 AS SMALLINT)), l := [i]) END AS a FROM range(3) r(i)";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none", false)]
    [InlineData("name", true)]
    public async Task Fields_inside_structs_are_set_and_the_others_stay(string mapping, bool vectors)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows, null, ("delta.columnMapping.mode", mapping), ("delta.enableDeletionVectors", vectors ? "true" : "false"), ("delta.enableChangeDataFeed", "true"));
        await fixture.Table.UpdateAsync("id >= 1", new Dictionary<string, string> { ["a.b"] = "id * 100", ["A.`c`.E"] = "CAST(7 AS INT)" }, Cancel);
        // A struct that was null is one now, as in Spark.
        Assert.Equal(["0 | 0 | d0 | 0 | 1", "1 | 100 | d1 | 7 | 1", "2 | 200 | NULL | 7 | NULL"], await fixture.RowsAsync("id, a.b, a.c.d, a.c.e, len(a.l)"));
        Assert.Equal(["1 | 1 | update_preimage", "1 | 100 | update_postimage", "2 | 200 | update_postimage", "2 | NULL | update_preimage"], await fixture.ChangesAsync(1, 1, "id, a.b, _change_type"));
    }

    [Fact]
    public async Task A_merge_sets_fields_inside_structs()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        await fixture.Table.Merge(RowSource.Query("SELECT CAST(1 AS BIGINT) AS id, 'new' AS d, CAST(5 AS BIGINT) AS b"), "t.id = s.id").As("t", "s")
            .WhenMatchedUpdate(new Dictionary<string, string> { ["t.a.c.d"] = "concat(t.a.c.d, s.d)", ["a.b"] = "s.b + t.a.b" }).RunAsync(Cancel);
        Assert.Equal(["0 | 0 | d0", "1 | 6 | d1new", "2 | NULL | NULL"], await fixture.RowsAsync("id, a.b, a.c.d"));
    }

    [Theory]
    [InlineData("a.x", "1", "which the table has not")]
    [InlineData("a.l.element", "1", "expected structs on the way to it")]
    [InlineData("id.x", "1", "expected structs on the way to it")]
    [InlineData("a.c", "1", "expected a type that it can hold")]
    [InlineData("1 + 1", "1", "which the table has not")]
    public async Task What_cannot_be_set_is_refused_by_name(string target, string value, string message)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        var error = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.UpdateAsync("true", new Dictionary<string, string> { [target] = value }, Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_struct_and_a_field_in_it_are_not_set_at_once_and_values_that_do_not_fit_stop_the_write()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync(Rows);
        var error = await Assert.ThrowsAsync<DeltaException>(() => fixture.Table.UpdateAsync("true", new Dictionary<string, string> { ["a.c"] = "a.c", ["a.c.d"] = "'x'" }, Cancel));
        Assert.Contains("set it once", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.Table.UpdateAsync("true", new Dictionary<string, string> { ["a.c.e"] = "70000" }, Cancel));
        Assert.Equal(0, (await fixture.SnapshotAsync()).Version);
    }
}
