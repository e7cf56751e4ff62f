namespace RealTimeMesh.Pipelines.Tests;

public sealed class SqlTablesTests
{
    [Theory]
    [InlineData("select * from bronze.a", "bronze.a")]
    [InlineData("select 'from silver.x' from bronze.a -- join gold.y\n/* from gold.z */", "bronze.a")]
    [InlineData("select * from bronze.a x join silver.b using (id) left join airports on true", "bronze.a silver.b airports")]
    [InlineData("select * from bronze.a, \"airports\" p where x in (select y from gold.c, gold.d)", "bronze.a airports gold.c gold.d")]
    [InlineData("with n as (select * from bronze.a), m(x, y) as (select 1, 2 from n) select * from m join n on true", "bronze.a")]
    [InlineData("select extract(hour from t), trim(both from s), a is distinct from b from bronze.a", "bronze.a")]
    [InlineData("select distinct a, b from bronze.a order by c, d", "bronze.a")]
    [InlineData("select * from (select * from bronze.a) s, lateral (select 1) t", "bronze.a")]
    [InlineData("select * from range(10), bronze.a", "bronze.a")]
    [InlineData("SELECT * FROM Bronze.A GROUP BY x, y", "Bronze.A")]
    [InlineData("select a, 'it''s from x' from bronze.a where b = ','", "bronze.a")]
    [InlineData("select row_number() over (partition by x order by y, z) from bronze.a", "bronze.a")]
    [InlineData("select * from f(a, b) x(c, d), bronze.a y(e, g), (values (1, h), (2, k)) v", "bronze.a")]
    [InlineData("select * from (bronze.a join silver.b on x = y), gold.c", "bronze.a silver.b gold.c")]
    [InlineData("select extract(hour from (select max(t) from bronze.a)) from silver.b", "bronze.a silver.b")]
    [InlineData("select 1", "")]
    [InlineData("select 'open from bronze.a", "")]
    public void Tables_of_a_query_are_found(string sql, string expected) =>
        Assert.Equal(expected, string.Join(' ', SqlTables.Find(sql).Select(t => t.Name)));

    [Fact]
    public void Table_has_its_line() => Assert.Equal(3, SqlTables.Find("select *\n-- nothing\nfrom bronze.a")[0].Line);
}
