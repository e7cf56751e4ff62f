using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality.Tests;

public sealed class RowExpectationsTests
{
    private static readonly RowSchema Schema = new(
    [
        new Field("i", FieldType.Int32, true),
        new Field("d", FieldType.Float64, true),
        new Field("s", FieldType.String, true),
        new Field("b", FieldType.Boolean, true),
        new Field("day", FieldType.Date, true),
        new Field("at", FieldType.Timestamp, true),
        new Field("m", FieldType.Decimal, true) { Precision = 10, Scale = 2 },
        new Field("j", FieldType.Int64, true),
        new Field("raw", FieldType.Bytes, true),
        new Field("secret", FieldType.String, true) { Pii = true },
    ]);

    [Theory]
    [InlineData("not_be_null", "'column':'i'", "i=1", "i=null")]
    [InlineData("be_null", "'column':'i'", "i=null", "i=1")]
    [InlineData("be_in_set", "'column':'s','value_set':['ORD','JFK']", "s=ORD s=null", "s=ord s=")]
    [InlineData("be_in_set", "'column':'s','value_set':{'$PARAMETER':'airports.iata'}", "s=ORD s=null", "s=XXX")]
    [InlineData("be_in_set", "'column':'i','value_set':{'$PARAMETER':'codes.n'}", "i=7 i=null", "i=8")]
    [InlineData("be_in_set", "'column':'i','value_set':[1,2,2.5]", "i=1 i=2", "i=3")]
    [InlineData("be_in_set", "'column':'d','value_set':[0.5,1]", "d=0.5 d=1", "d=0.25")]
    [InlineData("be_in_set", "'column':'b','value_set':[true]", "b=true b=null", "b=false")]
    [InlineData("be_in_set", "'column':'m','value_set':[1.50]", "m=1.5", "m=1.51")]
    [InlineData("be_in_set", "'column':'day','value_set':['1970-01-02']", "day=1", "day=2")]
    [InlineData("not_be_in_set", "'column':'s','value_set':['','?']", "s=x s=null", "s=?")]
    [InlineData("be_between", "'column':'i','min_value':1,'max_value':10", "i=1 i=10 i=null", "i=0 i=11")]
    [InlineData("be_between", "'column':'i','min_value':1,'max_value':10,'strict_min':true,'strict_max':true", "i=2 i=9", "i=1 i=10")]
    [InlineData("be_between", "'column':'i','min_value':0.5,'max_value':1.5,'strict_min':true,'strict_max':true", "i=1", "i=0 i=2")]
    [InlineData("be_between", "'column':'i','max_value':10", "i=-2147483648", "i=11")]
    [InlineData("be_between", "'column':'d','min_value':0,'strict_min':true", "d=0.001 d=null", "d=0 d=-1 d=NaN")]
    [InlineData("be_between", "'column':'m','min_value':0.01,'max_value':9.99", "m=0.01 m=9.99", "m=0 m=10")]
    [InlineData("be_between", "'column':'s','min_value':'b','max_value':'d','strict_max':true", "s=b s=cz s=null", "s=a s=d")]
    [InlineData("be_between", "'column':'day','min_value':'1970-01-02'", "day=1", "day=0")]
    [InlineData("be_between", "'column':'at','min_value':'1970-01-01T00:00:01Z','max_value':'1970-01-01 00:00:02'", "at=1000000 at=2000000", "at=999999 at=2000001")]
    [InlineData("match_regex", "'column':'s','regex':'^[A-Z]{3}$'", "s=ORD s=null", "s=ORDX s=or s=")]
    [InlineData("match_regex", "'column':'s','regex':'b+'", "s=abc", "s=ac")]
    [InlineData("match_regex", "'column':'s','regex':'^(?=.*x)(?P<a>a).*$'", "s=abx", "s=ab")]
    [InlineData("not_match_regex", "'column':'s','regex':'\\\\d'", "s=abc s=null", "s=a1c")]
    [InlineData("be_of_type", "'column':'i','type_':'int'", "i=1 i=null", "")]
    [InlineData("lengths", "'column':'s','min_value':2,'max_value':3", "s=ab s=abc s=😀😀😀 s=null", "s=a s=abcd s=😀")]
    [InlineData("lengths", "'column':'s','max_value':3,'strict_max':true", "s= s=ab", "s=abc")]
    [InlineData("pair", "'column_A':'j','column_B':'i'", "j=2,i=1 j=null,i=1 j=1,i=null j=null,i=null", "j=1,i=1 j=0,i=1")]
    [InlineData("pair", "'column_A':'j','column_B':'i','or_equal':true", "j=1,i=1", "j=0,i=1")]
    [InlineData("pair", "'column_A':'d','column_B':'i'", "d=1.5,i=1", "d=1,i=1 d=NaN,i=1")]
    [InlineData("pair", "'column_A':'d','column_B':'i','ignore_row_if':'both_values_are_missing'", "d=null,i=null", "d=null,i=1")]
    [InlineData("pair", "'column_A':'d','column_B':'i','ignore_row_if':'never'", "d=2,i=1", "d=null,i=null")]
    public void Expectation_passes_and_breaks_as_in_Great_Expectations(string name, string arguments, string passing, string failing)
    {
        var type = name switch
        {
            "lengths" => "expect_column_value_lengths_to_be_between",
            "pair" => "expect_column_pair_values_a_to_be_greater_than_b",
            _ => $"expect_column_values_to_{name}",
        };
        var rules = Compile($"{{'type':'{type}','kwargs':{{{arguments}}}}}");
        foreach (var row in passing.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Assert.True(rules.Check(Row(row), 0, out _), $"{row} should pass");
        foreach (var row in failing.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.False(rules.Check(Row(row), 0, out var failure), $"{row} should fail");
            Assert.Equal(type, failure.Rule);
        }
    }

    [Fact]
    public void Failure_says_rule_column_found_and_expected()
    {
        var rules = Compile("""{'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':-1440,'max_value':2880,'strict_max':true}}""");
        Assert.False(rules.Check(Row("i=9999"), 0, out var failure));
        Assert.Equal(new ExpectationFailure("expect_column_values_to_be_between", "i", "9999", "at least -1440 and less than 2880", ExpectationSeverity.Drop), failure);
    }

    [Fact]
    public void Found_text_is_cut_and_personal_data_is_not_shown()
    {
        var rules = Compile("""{'type':'expect_column_values_to_match_regex','kwargs':{'column':'s','regex':'^a$'}}""");
        rules.Check(Row("s=" + new string('x', 5_000)), 0, out var failure);
        Assert.InRange(failure.Found.Length, 200, 250);
        rules = Compile("""{'type':'expect_column_values_to_match_regex','kwargs':{'column':'secret','regex':'^a$'}}""");
        rules.Check(Row("secret=4711"), 0, out failure);
        Assert.Equal("(personal data)", failure.Found);
    }

    [Fact]
    public void Warning_is_counted_and_lets_the_row_pass()
    {
        var rules = Compile("""
            {'expectation_type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':5},'meta':{'severity':'warn'}},
            {'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':3},'severity':'warning'},
            {'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':0},'severity':'critical'}
            """);
        Assert.True(rules.Check(Row("i=4"), 0, out _));
        Assert.True(rules.Check(Row("i=1"), 0, out _));
        Assert.False(rules.Check(Row("i=-1"), 0, out var failure));
        Assert.Equal(ExpectationSeverity.Fail, failure.Severity);
        Assert.Equal([3, 2, 1], rules.Counts.Select(c => c.Failed));
        Assert.Equal([ExpectationSeverity.Warn, ExpectationSeverity.Warn, ExpectationSeverity.Fail], rules.Counts.Select(c => c.Severity));
    }

    [Fact]
    public void Catastrophic_pattern_breaks_the_rule_within_its_time_limit()
    {
        var rules = Compile("""{'type':'expect_column_values_to_match_regex','kwargs':{'column':'s','regex':'^(?=(a+)+$)'}}""");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(rules.Check(Row("s=" + new string('a', 60) + "!"), 0, out _));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 5_000);
    }

    [Theory]
    [InlineData("{'type':'expect_column_values_to_be_nul','kwargs':{'column':'i'}}", "expectations[0]", "'expect_column_values_to_be_nul'")]
    [InlineData("{'type':'expect_column_values_to_be_null','kwargs':{'column':'x'}}", "expectations[0].kwargs.column", "the unknown column 'x'")]
    [InlineData("{'type':'expect_column_values_to_be_null','kwargs':{}}", "expectations[0].kwargs.column", "no column")]
    [InlineData("{'type':'expect_column_values_to_be_null','kwargs':{'column':'i','colour':1}}", "expectations[0].kwargs.colour", "the unknown argument 'colour'")]
    [InlineData("{'type':'expect_column_values_to_be_null','kwargs':{'column':'i','mostly':0.9}}", "expectations[0].kwargs.mostly", "0.9")]
    [InlineData("{'type':'expect_column_values_to_be_between','kwargs':{'column':'i'}}", "expectations[0].kwargs.min_value", "no bound")]
    [InlineData("{'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':'a'}}", "expectations[0].kwargs.min_value", "\"a\"")]
    [InlineData("{'type':'expect_column_values_to_be_between','kwargs':{'column':'b','min_value':1}}", "expectations[0].kwargs.column", "'b', which is Boolean")]
    [InlineData("{'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':1,'strict_min':'yes'}}", "expectations[0].kwargs.strict_min", "\"yes\"")]
    [InlineData("{'type':'expect_column_values_to_be_in_set','kwargs':{'column':'s','value_set':['a',5]}}", "expectations[0].kwargs.value_set", "5")]
    [InlineData("{'type':'expect_column_values_to_be_in_set','kwargs':{'column':'s','value_set':[]}}", "expectations[0].kwargs.value_set", "[]")]
    [InlineData("{'type':'expect_column_values_to_be_in_set','kwargs':{'column':'s','value_set':{'$PARAMETER':'airports.code'}}}", "expectations[0].kwargs.value_set", "airports.code")]
    [InlineData("{'type':'expect_column_values_to_match_regex','kwargs':{'column':'s','regex':'('}}", "expectations[0].kwargs.regex", "'('")]
    [InlineData("{'type':'expect_column_values_to_match_regex','kwargs':{'column':'i','regex':'a'}}", "expectations[0].kwargs.column", "'i', which is Int32")]
    [InlineData("{'type':'expect_column_values_to_be_of_type','kwargs':{'column':'i','type_':'string'}}", "expectations[0].kwargs.type_", "'string' for 'i'")]
    [InlineData("{'type':'expect_column_pair_values_a_to_be_greater_than_b','kwargs':{'column_A':'s','column_B':'i'}}", "expectations[0].kwargs.column_B", "'i', which is Int32, beside 's'")]
    public void Faulty_expectation_is_refused_with_its_place(string expectation, string element, string found)
    {
        Assert.True(ExpectationSuite.TryParse(Json($"{{'name':'x','expectations':[\n\n{expectation}]}}"), "suite.json", out var suite, out _));
        Assert.False(RowExpectations.TryCompile(suite, Schema, new References(), out _, out var faults));
        var fault = Assert.Single(faults);
        Assert.Equal(("suite.json", 3, element), (fault.File, fault.Line, fault.Element));
        Assert.Contains(found, fault.Found);
    }

    [Theory]
    [InlineData("{", 1, "broken JSON")]
    [InlineData("{'name':'x'}", 1, "no such list")]
    [InlineData("[]", 1, "no such list")]
    [InlineData("{'expectations':[\n5]}", 2, "no type")]
    [InlineData("{'expectations':[\n{'kwargs':{}}]}", 2, "no type")]
    [InlineData("{'expectations':[{'type':'a','kwargs':{}},\n{'type':'a'}]}", 2, "no kwargs")]
    [InlineData("{'expectations':[{'type':'a','kwargs':{},\n'severity':'loud'}]}", 1, "'loud'")]
    public void Faulty_suite_is_refused_with_its_line(string json, int line, string found)
    {
        Assert.False(ExpectationSuite.TryParse(Json(json), "suite.json", out _, out var faults));
        Assert.Contains(faults, f => f.Line == line && f.Found.Contains(found));
    }

    [Fact]
    public void Suites_of_both_generations_are_read_alike()
    {
        var old = ExpectationSuite.Parse(Json("{'expectation_suite_name':'n','expectations':[{'expectation_type':'expect_column_values_to_be_null','kwargs':{'column':'i','result_format':'BASIC'},'meta':{}}],'ge_cloud_id':null}"), "f");
        var now = ExpectationSuite.Parse(Json("{'name':'n','expectations':[{'type':'expect_column_values_to_be_null','kwargs':{'column':'i'},'id':'x'}],'meta':{'great_expectations_version':'1.0'}}"), "f");
        Assert.Equal((old.Name, old.Expectations[0].Type, old.Expectations[0].Severity), (now.Name, now.Expectations[0].Type, now.Expectations[0].Severity));
        Assert.True(RowExpectations.Compile(old, Schema, NoReferences.Instance).Check(Row("i=null"), 0, out _));
    }

    [Fact]
    public void Passing_rows_allocate_nothing()
    {
        var rules = Compile(Six);
        var batch = new ColumnBatch(Schema);
        Add(batch, "i=5,d=1.5,s=ORD,day=1,j=9");
        for (var i = 0; i < 1_000; i++)
            Assert.True(rules.Check(batch, 0, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            rules.Check(batch, 0, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal const string Six = """
        {'type':'expect_column_values_to_not_be_null','kwargs':{'column':'i'}},
        {'type':'expect_column_values_to_match_regex','kwargs':{'column':'s','regex':'^[0-9A-Z]{3}$'}},
        {'type':'expect_column_values_to_be_in_set','kwargs':{'column':'s','value_set':{'$PARAMETER':'airports.iata'}}},
        {'type':'expect_column_values_to_be_between','kwargs':{'column':'i','min_value':-1440,'max_value':2880}},
        {'type':'expect_column_values_to_be_between','kwargs':{'column':'d','min_value':0,'strict_min':true}},
        {'type':'expect_column_pair_values_a_to_be_greater_than_b','kwargs':{'column_A':'j','column_B':'i'}}
        """;

    internal static RowExpectations Compile(string expectations) =>
        RowExpectations.Compile(ExpectationSuite.Parse(Json($"{{'name':'x','expectations':[{expectations}]}}"), "suite.json"), Schema, new References());

    /// <summary>One row from <c>name=value</c> pairs; fields not named are null.</summary>
    private static ColumnBatch Row(string values)
    {
        var batch = new ColumnBatch(Schema);
        Add(batch, values);
        return batch;
    }

    internal static void Add(ColumnBatch batch, string values)
    {
        var given = values.Split(',').Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        foreach (var column in batch.Columns)
        {
            var text = given.GetValueOrDefault(column.Field.Name, "null");
            if (text == "null")
                column.AppendNull();
            else if (column is Int64Column integers)
                integers.Append(long.Parse(text, CultureInfo.InvariantCulture));
            else if (column is Float64Column doubles)
                doubles.Append(double.Parse(text, CultureInfo.InvariantCulture));
            else if (column is DecimalColumn decimals)
                decimals.Append(decimal.Parse(text, CultureInfo.InvariantCulture));
            else if (column is BooleanColumn booleans)
                booleans.Append(text == "true");
            else
                ((StringColumn)column).Append(text);
        }
    }

    internal static ColumnBatch Empty() => new(Schema);

    private static string Json(string text) => text.Replace('\'', '"');

    private sealed class References : IReferenceValues
    {
        public IReadOnlySet<string>? Find(string reference, string column) => $"{reference}.{column}" switch
        {
            "airports.iata" => new HashSet<string>(["ORD", "JFK", "LGA", "SFO"]),
            "codes.n" => new HashSet<string>(["7", "9"]),
            _ => null,
        };
    }
}
