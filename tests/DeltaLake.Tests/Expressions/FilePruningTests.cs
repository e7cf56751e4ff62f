using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake.Tests.Expressions;

public sealed class FilePruningTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static readonly StructType s_schema = new([
        new SchemaField("id", PrimitiveType.Long, true),
        new SchemaField("name", PrimitiveType.String, true),
        new SchemaField("at", PrimitiveType.Timestamp, true),
        new SchemaField("x", PrimitiveType.Double, true),
        new SchemaField("price", new DecimalType(38, 2), true),
        new SchemaField("s", new StructType([new SchemaField("v", PrimitiveType.Integer, true)]), true),
        new SchemaField("day", PrimitiveType.Date, true),
        new SchemaField("flag", PrimitiveType.Boolean, true),
    ]);

    [Theory]
    [InlineData("id = 5", true)]
    [InlineData("id = 11", false)]
    [InlineData("ID between 0 and 1", true)]
    [InlineData("id > 10", false)]
    [InlineData("id is null", false)]
    [InlineData("id <=> null", false)]
    [InlineData("not (id >= 1)", false)]
    [InlineData("id in (0, 11, 12)", false)]
    [InlineData("id in (0, 11, null, 3)", true)]
    [InlineData("id + 5 > 15", false)]
    [InlineData("id = '10'", true)]
    [InlineData("name like 'mm%'", true)]
    [InlineData("name like 'a%'", false)]
    [InlineData("name like 'z%'", false)]
    [InlineData("name like '_z%'", true)]
    [InlineData("name is null", true)]
    [InlineData("name = 'm'", true)]
    [InlineData("at > '2024-01-02 00:00:00.0005Z'", true)]
    [InlineData("at > '2024-01-02 00:00:00.002Z'", false)]
    [InlineData("date(at) = '2024-01-03'", false)]
    [InlineData("year(at) = 2024", true)]
    [InlineData("year(at) < 2024", false)]
    [InlineData("date_trunc('month', at) = '2024-02-01'", false)]
    [InlineData("x > 100", true)]
    [InlineData("x > 100 and x < 200", false)]
    [InlineData("x = 100", false)]
    [InlineData("x < 1", false)]
    [InlineData("x = -0.0D or x = 0D", false)]
    [InlineData("price > 12345678901234567890123456789012345.67", false)]
    [InlineData("price >= 12345678901234567890123456789012345.67", true)]
    [InlineData("s.v = 9", false)]
    [InlineData("s.v = 8", true)]
    [InlineData("s is null", true)]
    [InlineData("day = '2024-05-05'", true)]
    [InlineData("day <> '2024-05-05'", false)]
    [InlineData("day is null", false)]
    [InlineData("flag", false)]
    [InlineData("not flag", true)]
    [InlineData("md5(cast(name as binary)) = 'x'", true)]
    [InlineData("case when id > 20 then true else id < 0 end", false)]
    [InlineData("coalesce(id, 0) > 10", false)]
    [InlineData("coalesce(name, 'zz') = 'zz'", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void A_file_is_read_only_where_it_may_hold_a_match(string sql, bool read)
    {
        var file = new AddFile("f", new Dictionary<string, string?> { ["day"] = "2024-05-05" }, 1, 1, true, 10, """
            {"numRecords":10,
             "minValues":{"id":1,"name":"m","at":"2024-01-01T00:00:00.000Z","x":1.5,"price":1.10,"s":{"v":3},"flag":false},
             "maxValues":{"id":10,"name":"n","at":"2024-01-02T00:00:00.000Z","x":99.5,"price":12345678901234567890123456789012345.67,"s":{"v":8},"flag":false},
             "nullCount":{"id":0,"name":2,"at":0,"x":0,"price":0,"s":{"v":0},"flag":0}}
            """);
        Assert.Equal(read, Prune(file, sql) == 1);
    }

    [Theory]
    [InlineData("name = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaazz'", true)]
    [InlineData("name > 'ab'", false)]
    public void A_maximum_that_was_cut_covers_what_was_cut(string sql, bool read)
    {
        var cut = new string('a', 32);
        var file = new AddFile("f", new Dictionary<string, string?> { ["day"] = null }, 1, 1, true, 10, $$$"""{"numRecords":10,"minValues":{"name":"{{{cut}}}"},"maxValues":{"name":"{{{cut}}}"},"nullCount":{"name":0}}""");
        Assert.Equal(read, Prune(file, sql) == 1);
    }

    [Theory]
    [InlineData("id = 1", false)]
    [InlineData("id is null", true)]
    [InlineData("not (id = 1)", false)]
    [InlineData("id = 1 or day is null", true)]
    [InlineData("not (id = 1) or x > 0", true)]
    public void A_column_without_values_has_no_bounds(string sql, bool read)
    {
        var file = new AddFile("f", new Dictionary<string, string?> { ["day"] = "" }, 1, 1, true, 10, """{"numRecords":10,"minValues":{"id":null},"maxValues":{"id":null},"nullCount":{"id":10}}""");
        Assert.Equal(read, Prune(file, sql) == 1);
    }

    [Theory]
    [InlineData("x = 3.4000000953674316D", true)]
    [InlineData("x = 3.41D", false)]
    public void Bounds_of_a_double_that_was_a_float_may_have_the_digits_of_a_float(string sql, bool read)
    {
        var changes = System.Text.Json.JsonSerializer.SerializeToElement(new[] { new { fromType = "float", toType = "double" } });
        var schema = new StructType([new SchemaField("x", PrimitiveType.Double, true) { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["delta.typeChanges"] = changes } }]);
        var file = new AddFile("f", new Dictionary<string, string?>(), 1, 1, true, 1, """{"numRecords":1,"minValues":{"x":3.4},"maxValues":{"x":3.4},"nullCount":{"x":0}}""");
        var snapshot = new Snapshot { Version = 0, Schema = schema, PartitionColumns = [], Files = [file], Transactions = new Dictionary<string, long>(), Timestamp = 0 };
        Assert.Equal(read, FilePruning.Prune(snapshot, DeltaExpression.Parse(sql).ResolvePredicate(schema, s_now)).Files.Count == 1);
    }

    [Fact]
    public void Statistics_are_found_by_the_physical_names()
    {
        var field = new SchemaField("id", PrimitiveType.Long, true) { Metadata = new Dictionary<string, System.Text.Json.JsonElement> { ["delta.columnMapping.physicalName"] = System.Text.Json.JsonSerializer.SerializeToElement("col-1") } };
        var schema = new StructType([field, new SchemaField("v", PrimitiveType.Long, true)]);
        var file = new AddFile("f", new Dictionary<string, string?>(), 1, 1, true, 1, """{"numRecords":1,"minValues":{"col-1":5,"id":1},"maxValues":{"col-1":5,"id":1},"nullCount":{"col-1":0}}""");
        var snapshot = new Snapshot { Version = 0, Schema = schema, PartitionColumns = [], Files = [file], Transactions = new Dictionary<string, long>(), Timestamp = 0 };
        Assert.Empty(FilePruning.Prune(snapshot, DeltaExpression.Parse("id = 1").ResolvePredicate(schema, s_now)).Files);
        Assert.Equal(FileMatch.EveryRow, FilePruning.Match(snapshot, DeltaExpression.Parse("id = 5").ResolvePredicate(schema, s_now), file));
    }

    [Fact]
    public void A_hundred_thousand_files_are_pruned_in_seconds()
    {
        var files = Enumerable.Range(0, 100_000).Select(i => new AddFile($"f{i}", new Dictionary<string, string?>(), 1, 1, true, 10, $$$"""{"numRecords":10,"minValues":{"id":{{{i * 10}}}},"maxValues":{"id":{{{(i * 10) + 9}}}},"nullCount":{"id":0}}""")).ToList();
        var snapshot = new Snapshot { Version = 0, Schema = s_schema, PartitionColumns = [], Files = files, Transactions = new Dictionary<string, long>(), Timestamp = 0 };
        var pruned = FilePruning.Prune(snapshot, DeltaExpression.Parse("id in (5, 777777) and x > 3").ResolvePredicate(s_schema, s_now));
        Assert.Equal(["f0", "f77777"], pruned.Files.Select(file => file.Path));
        Assert.Equal(99_998, pruned.Skipped);
    }

    private static int Prune(AddFile file, string sql)
    {
        var snapshot = new Snapshot { Version = 0, Schema = s_schema, PartitionColumns = ["day"], Files = [file], Transactions = new Dictionary<string, long>(), Timestamp = 0 };
        return FilePruning.Prune(snapshot, DeltaExpression.Parse(sql).ResolvePredicate(s_schema, s_now)).Files.Count;
    }
}
