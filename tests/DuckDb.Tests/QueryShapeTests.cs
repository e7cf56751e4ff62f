namespace RealTimeMesh.DuckDb.Tests;

public sealed class QueryShapeTests
{
    /// <summary>Seen from outside: only a row-wise build reads and writes the new rows alone; a duplicate of an old key in the new files then replaces it.</summary>
    [Theory]
    [InlineData("select id, delay from bronze.flights", true)]
    [InlineData("select b.id, b.delay, a.city from bronze.flights b left join airports a on a.iata = b.airport where b.delay > -1000", true)]
    [InlineData("select id, max(delay) as delay from bronze.flights group by id", false)]
    [InlineData("select distinct id, 1 as delay from bronze.flights", false)]
    [InlineData("select b.id, b.delay from airports a right join bronze.flights b on a.iata = b.airport", false)]
    [InlineData("select b.id, (select cast(count(*) as int) from bronze.flights) as delay from bronze.flights b", false)]
    public async Task Query_is_row_wise_only_when_each_row_stands_alone(string sql, bool rowWise)
    {
        using var lake = new LakeFixture();
        using var session = DuckDbSession.Open(lake.Options);
        Assert.Equal(rowWise, await Jobs.QueryShape.IsRowWiseAsync(session, sql, "bronze.flights", TestContext.Current.CancellationToken));
    }
}
