using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class SchemaCompatibilityTests
{
    private const string E12 = """{"type":"enum","name":"E","symbols":["A","B"]}""";
    private const string E1 = """{"type":"enum","name":"E","symbols":["A"]}""";
    private const string E1Default = """{"type":"enum","name":"E","symbols":["A"],"default":"A"}""";
    private const string F4 = """{"type":"fixed","name":"F","size":4}""";
    private const string F8 = """{"type":"fixed","name":"F","size":8}""";
    private const string List = """{"type":"record","name":"L","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","L"]}]}""";
    private const string ListLong = """{"type":"record","name":"L","fields":[{"name":"v","type":"long"},{"name":"next","type":["null","L"]}]}""";
    private const string ListText = """{"type":"record","name":"L","fields":[{"name":"v","type":"string"},{"name":"next","type":["null","L"]}]}""";

    public static TheoryData<string, string, string?> Cases => new()
    {
        // reader, writer, the kind of the first incompatibility (null: compatible)
        { "\"int\"", "\"int\"", null },
        { "\"long\"", "\"int\"", null },
        { "\"float\"", "\"int\"", null },
        { "\"double\"", "\"int\"", null },
        { "\"float\"", "\"long\"", null },
        { "\"double\"", "\"long\"", null },
        { "\"double\"", "\"float\"", null },
        { "\"string\"", "\"bytes\"", null },
        { "\"bytes\"", "\"string\"", null },
        { "\"int\"", "\"long\"", "TYPE_MISMATCH" },
        { "\"float\"", "\"double\"", "TYPE_MISMATCH" },
        { "\"string\"", "\"int\"", "TYPE_MISMATCH" },
        { "\"int\"", "\"boolean\"", "TYPE_MISMATCH" },
        { "\"null\"", "\"int\"", "TYPE_MISMATCH" },
        { "[\"null\",\"int\"]", "\"int\"", null },
        { "[\"null\",\"long\"]", "\"int\"", null },
        { "[\"null\",\"long\"]", "[\"int\",\"null\"]", null },
        { "\"int\"", "[\"null\",\"int\"]", "TYPE_MISMATCH" },
        { "\"long\"", "[\"int\"]", null },
        { "[\"null\",\"int\"]", "[\"null\",\"int\",\"string\"]", "MISSING_UNION_BRANCH" },
        { "[\"null\",\"string\"]", "\"int\"", "MISSING_UNION_BRANCH" },
        { """{"type":"array","items":"long"}""", """{"type":"array","items":"int"}""", null },
        { """{"type":"array","items":"int"}""", """{"type":"array","items":"string"}""", "TYPE_MISMATCH" },
        { """{"type":"map","values":["null","double"]}""", """{"type":"map","values":"int"}""", null },
        { """{"type":"map","values":"int"}""", """{"type":"map","values":"double"}""", "TYPE_MISMATCH" },
        { """{"type":"map","values":"int"}""", """{"type":"array","items":"int"}""", "TYPE_MISMATCH" },
        { E12, E1, null },
        { E1, E12, "MISSING_ENUM_SYMBOLS" },
        { E1Default, E12, null },
        { """{"type":"enum","name":"Other","symbols":["A"]}""", E1, "NAME_MISMATCH" },
        { """{"type":"enum","name":"Other","aliases":["E"],"symbols":["A"]}""", E1, null },
        { """{"type":"enum","name":"E","namespace":"elsewhere","symbols":["A"]}""", E1, null },
        { F4, F4, null },
        { F4, F8, "FIXED_SIZE_MISMATCH" },
        { "\"bytes\"", F4, "TYPE_MISMATCH" },
        { SampleContracts.Record(""), SampleContracts.Record("""{"name":"a","type":"int"}"""), null },
        { SampleContracts.Record("""{"name":"a","type":"int"}"""), SampleContracts.Record(""), "READER_FIELD_MISSING_DEFAULT_VALUE" },
        { SampleContracts.Record("""{"name":"a","type":"int","default":1}"""), SampleContracts.Record(""), null },
        { SampleContracts.Record("""{"name":"a","type":["null","int"],"default":null}"""), SampleContracts.Record(""), null },
        { SampleContracts.Record("""{"name":"a","type":["null","int"]}"""), SampleContracts.Record(""), "READER_FIELD_MISSING_DEFAULT_VALUE" },
        { SampleContracts.Record("""{"name":"b","type":"int","aliases":["a"]}"""), SampleContracts.Record("""{"name":"a","type":"int"}"""), null },
        { SampleContracts.Record("""{"name":"b","type":"int"}"""), SampleContracts.Record("""{"name":"a","type":"int"}"""), "READER_FIELD_MISSING_DEFAULT_VALUE" },
        { SampleContracts.Record("""{"name":"a","type":"string"}"""), SampleContracts.Record("""{"name":"a","type":"int"}"""), "TYPE_MISMATCH" },
        { """{"type":"record","name":"S","fields":[]}""", SampleContracts.Record(""), "NAME_MISMATCH" },
        { List, List, null },
        { ListLong, List, null },
        { List, ListLong, "TYPE_MISMATCH" },
        { ListText, List, "TYPE_MISMATCH" },
        { $"[\"null\",{ListLong}]", List, null },
        { $"[\"null\",{List}]", ListLong, "MISSING_UNION_BRANCH" },
        { SampleContracts.Record("""{"name":"a","type":{"type":"record","name":"N","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}}"""), SampleContracts.Record("""{"name":"a","type":{"type":"record","name":"N","fields":[{"name":"x","type":"int"}]}}"""), "READER_FIELD_MISSING_DEFAULT_VALUE" },
        { """{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""", """{"type":"bytes","logicalType":"decimal","precision":9,"scale":3}""", "TYPE_MISMATCH" },
        { """{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}""", """{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reader_reads_writer_exactly_when_the_specification_says_so(string reader, string writer, string? expected)
    {
        var found = SchemaCompatibility.Check(AvroSchema.Parse(reader), AvroSchema.Parse(writer));

        Assert.Equal(expected, found.Count > 0 ? found[0].Type : null);
    }

    [Fact]
    public void Every_incompatibility_is_listed_with_its_path()
    {
        var found = SchemaCompatibility.Check(
            AvroSchema.Parse(SampleContracts.Record("""{"name":"a","type":"int"},{"name":"b","type":{"type":"array","items":"int"}},{"name":"c","type":"int"}""")),
            AvroSchema.Parse(SampleContracts.Record("""{"name":"a","type":"string"},{"name":"b","type":{"type":"array","items":"string"}}""")));

        Assert.Equal(["/fields/0/type", "/fields/1/type/items", "/fields/2"], found.Select(problem => problem.Path));
    }

    [Fact]
    public void Check_ends_on_schemas_that_contain_themselves_many_times()
    {
        // Without a memory of the pairs under comparison this takes 8^64 steps.
        var fields = string.Join(",", Enumerable.Range(0, 8).Select(i => $$"""{"name":"f{{i}}","type":["null","T"]}"""));
        var tree = AvroSchema.Parse($$"""{"type":"record","name":"T","fields":[{{fields}}]}""");
        var other = AvroSchema.Parse($$"""{"type":"record","name":"T","fields":[{{fields}},{"name":"z","type":"int"}]}""");

        Assert.Empty(SchemaCompatibility.Check(tree, other));
        Assert.NotEmpty(SchemaCompatibility.Check(other, tree));
    }

    [Theory]
    [InlineData("int", true)]
    [InlineData("string", false)]
    public void Check_ends_soon_on_deep_chains_of_records_that_are_named_twice_a_level(string last, bool compatible)
    {
        // Each level holds the next one twice: 2^30 paths.
        static string Chain(int level, string last) => level == 30
            ? $$"""{"type":"record","name":"N30","fields":[{"name":"v","type":"{{last}}"}]}"""
            : $$"""{"type":"record","name":"N{{level}}","fields":[{"name":"a","type":["null",{{Chain(level + 1, last)}}]},{"name":"b","type":["null","N{{level + 1}}"]}]}""";

        var found = SchemaCompatibility.Check(AvroSchema.Parse(Chain(0, last)), AvroSchema.Parse(Chain(0, "int")));

        Assert.Equal(compatible, found.Count == 0);
    }
}
