using System.Text.Json;
using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Tests.Cel;

public sealed class CelTests
{
    private const string Event = """
        {"id":"1","type":"com.dapr.event.sent","topic":"orders","source":"app","data":{
          "price":12.5,"count":3,"big":9007199254740993,"name":"Grün \ud83d\ude80","tags":["new","eu"],"nested":{"deep":{"er":true}},
          "when":"2024-02-29T23:30:00.5Z","none":null,"empty":"","items":[{"sku":"a","n":1},{"sku":"b","n":20}]}}
        """;

    private static readonly JsonElement Root = JsonDocument.Parse(Event).RootElement;

    [Theory]
    [InlineData("event.type == \"com.dapr.event.sent\"", true)]
    [InlineData("event.type == 'other' || event.topic == r'orders'", true)]
    [InlineData("event.data.count == 3 && event.data.price > 12", true)]
    [InlineData("event.data.count in [1, 2, 3]", true)]
    [InlineData("event.data.tags[0] == \"new\" && \"eu\" in event.data.tags", true)]
    [InlineData("event[\"data\"].nested.deep.er", true)]
    [InlineData("has(event.data.nested.deep) && !has(event.data.nested.missing)", true)]
    [InlineData("has(event.data.none) && event.data.none == null", true)]
    [InlineData("size(event.data.tags) == 2 && event.data.name.size() == 6", true)]
    [InlineData("event.data.name.startsWith(\"Gr\\u00fcn\") && event.data.name.endsWith('\\U0001F680')", true)]
    [InlineData("event.source.contains('pp') && event.source.matches('^[a-z]+$') && matches(event.source, 'a.p')", true)]
    [InlineData("event.data.items.exists(i, i.n > 10) && event.data.items.all(i, i.n > 0)", true)]
    [InlineData("event.data.items.exists_one(i, i.sku == 'b')", true)]
    [InlineData("event.data.items.map(i, i.sku) == ['a', 'b'] && event.data.items.filter(i, i.n > 10).size() == 1", true)]
    [InlineData("event.data.items.map(i, i.n > 1, i.sku)[0] == 'b'", true)]
    [InlineData("timestamp(event.data.when).getFullYear() == 2024 && timestamp(event.data.when) + duration('30m') > timestamp('2024-03-01T00:00:00Z')", true)]
    [InlineData("timestamp(event.data.when).getDate('+02:00') == 1", true)]
    [InlineData("event.data.price > 100 ? false : true", true)]
    [InlineData("int(event.data.price) + 1 == 13 && string(event.data.count) == '3' && double('1.5') == 1.5", true)]
    [InlineData("type(event.data.count) == double && type(event.data) == map && type(event.data.tags) == list", true)]
    [InlineData("event.data.missing == 1 || event.topic == 'orders'", true)]
    [InlineData("event.data.missing == 1 && event.topic == 'nothing'", false)]
    [InlineData("event.data.tags == ['new', 'eu'] && {'a': 1}.a == 1 && {1: 'x'}[1] == 'x'", true)]
    [InlineData("!(event.data.count != 3) // a comment", true)]
    [InlineData("event.topic == \"\"\"orders\"\"\" && b'\\x41' == bytes('A') && 0x1F == 31 && 5u < 6u && -2 * 3 == -6 && 7 % 4 == 3", true)]
    [InlineData("event.data.count == 3.0 && event.data.count < 4 && event.data.count == 3u", true)]
    [InlineData("dyn(1) == 1.0 && event.topic < 'p' && event.data.tags[event.data.items[0].n] == 'eu'", true)]
    [InlineData("event.type == 'com.dapr.event.sent' && (event.topic == 'a' || event.data.empty == '')", true)]
    public void Rules_are_true_or_false_as_cel_says(string rule, bool expected)
    {
        var result = CelExpression.Parse(rule).Evaluate("event", CelValue.Of(Root));

        Assert.Equal((CelKind.Bool, expected), (result.Kind, result.IsTrue));
    }

    [Theory]
    [InlineData("event.data.missing == 1", "no such key: missing")]
    [InlineData("event.topic.missing", "no such key: missing")]
    [InlineData("event.data.missing.deeper", "no such key: missing")]
    [InlineData("Event.type == 'x'", "no such attribute(s): Event")]
    [InlineData("event.data.tags[2]", "index out of bounds: 2")]
    [InlineData("event.data.count + 1 == 4", "no such overload")]
    [InlineData("event.data.count && true", "no such overload")]
    [InlineData("event.data.missing == 1 || false", "no such key: missing")]
    [InlineData("event.topic > 1", "no such overload")]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("1 % 0 == 1", "modulus by zero")]
    [InlineData("9223372036854775807 + 1 > 0", "integer overflow")]
    [InlineData("18446744073709551615u + 1u > 0u", "unsigned integer overflow")]
    [InlineData("int('x') == 1", "type conversion error from 'string' to 'int'")]
    [InlineData("event.data.items.exists_one(i, i.missing)", "no such key: missing")]
    [InlineData("event.topic.matches('(')", null)]
    [InlineData("event.data.name.matches('(a)\\\\1')", null)]
    public void Faults_of_an_evaluation_are_values_with_cel_gos_text(string rule, string? fault)
    {
        var result = CelExpression.Parse(rule).Evaluate("event", CelValue.Of(Root));

        Assert.Equal(CelKind.Error, result.Kind);
        if (fault is not null)
            Assert.Equal(fault, result.AsString);
    }

    [Theory]
    [InlineData("event.type ==", 13)]
    [InlineData("event.type = 'x'", 11)]
    [InlineData("event.type == \"x", 14)]
    [InlineData("(event.type", 11)]
    [InlineData("event.type == 'x' 'y'", 18)]
    [InlineData("[1, 2", 5)]
    [InlineData("has(event)", 4)]
    [InlineData("[1].all(x.y, true)", 9)]
    [InlineData("for == 1", 0)]
    [InlineData("99999999999999999999 == 1", 0)]
    [InlineData("'\\q' == ''", 0)]
    [InlineData("event.type == 'x' # no", 18)]
    public void What_is_no_expression_is_refused_with_its_place(string rule, int position)
    {
        var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(rule));

        Assert.Equal(position, exception.Position);
        Assert.StartsWith($"ERROR: <input>:1:{position + 1}: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 + 'a' == 2", "found no matching overload for '_+_' applied to '(int, string)'")]
    [InlineData("1 == 'a'", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("1 && true", "found no matching overload for '_&&_' applied to '(int, bool)'")]
    [InlineData("1.0 < 2", "found no matching overload for '_<_' applied to '(double, int)'")]
    [InlineData("'a'.startsWith(1)", "found no matching overload for 'startsWith' applied to 'string.(int)'")]
    [InlineData("size(1) == 1", "found no matching overload for 'size' applied to '(int)'")]
    [InlineData("1 in ['a']", "found no matching overload for '@in' applied to '(int, list(string))'")]
    [InlineData("true ? 1 : 'a'", "found no matching overload for '_?_:_' applied to '(bool, int, string)'")]
    [InlineData("'a'.b", "type 'string' does not support field selection")]
    [InlineData("5.exists(x, x)", null)]
    [InlineData("unknown(event)", "undeclared reference to 'unknown' (in container '')")]
    [InlineData("event.unknown()", "undeclared reference to 'unknown' (in container '')")]
    public void What_can_never_be_evaluated_is_refused_when_it_is_read(string rule, string? fault)
    {
        var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(rule));

        if (fault is not null)
            Assert.Equal(fault, exception.Fault);
    }

    [Fact]
    public void The_place_of_a_fault_is_marked_in_its_line()
    {
        var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse("event.type == 'x' &&\n  1 + 'a' == 2"));

        Assert.Equal("ERROR: <input>:2:5: found no matching overload for '_+_' applied to '(int, string)'\n |   1 + 'a' == 2\n | ....^", exception.Message);
    }

    [Theory]
    [InlineData("(", ")", "true")]
    [InlineData("[", "]", "1")]
    [InlineData("!!!", "", "true")]
    [InlineData("true && (", ")", "true")]
    [InlineData("1 + ", "", "1")]
    [InlineData("true ? true : ", "", "true")]
    public void Expressions_of_any_depth_end_in_a_value_or_a_fault_and_never_in_a_full_stack(string open, string close, string inner)
    {
        const int Times = 6000;
        var text = string.Concat(Enumerable.Repeat(open, Times)) + inner + string.Concat(Enumerable.Repeat(close, Times));

        try
        {
            CelExpression.Parse(text).Evaluate("event", CelValue.Null);
        }
        catch (CelSyntaxException exception)
        {
            Assert.Contains("expression recursion limit exceeded: 250", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_expression_that_is_too_long_is_refused()
    {
        var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(new string(' ', CelParser.MaxLength) + "true"));

        Assert.Contains("expression code point size exceeds limit", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a+$", "xaa", true)]
    [InlineData("a+$", "xaa\n", false)]
    [InlineData("(?m)a$", "a\nb", true)]
    [InlineData(@"^\d+$", "١", false)]
    [InlineData("^[[:alpha:]]+$", "abc", true)]
    [InlineData(@"^\pL+$", "äb", true)]
    [InlineData("(?P<year>[0-9]{4})", "in 2024", true)]
    [InlineData(@"^\Qa.b\E$", "a.b", true)]
    [InlineData("(x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false)]
    public void Patterns_are_those_of_re2(string pattern, string text, bool expected)
    {
        var regex = Re2Pattern.TryCompile(pattern, out var fault);

        Assert.Equal("", fault);
        Assert.Equal(expected, regex!.IsMatch(text));
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(0.1, "0.1")]
    [InlineData(123456, "123456")]
    [InlineData(1234567, "1.234567e+06")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(-1.5e300, "-1.5e+300")]
    [InlineData(100, "100")]
    public void Doubles_are_written_as_go_writes_them(double value, string text) => Assert.Equal(text, GoFloat.Format(value));

    [Fact]
    public void Half_a_surrogate_pair_in_an_event_is_a_fault_of_the_evaluation_and_no_exception()
    {
        using var document = JsonDocument.Parse("""{"type":"\ud800"}""");

        var result = CelExpression.Parse("event.type == 'x' || event.type.size() == 1").Evaluate("event", CelValue.Of(document.RootElement));

        Assert.True(result.IsError || result.IsTrue);
    }

    [Fact]
    public void A_plain_rule_allocates_its_frame_and_nothing_else()
    {
        var rule = CelExpression.Parse("event.type == \"com.dapr.event.sent\" && event.data.price > 10.0 && event.data.nested.deep.er");
        var value = CelValue.Of(Root);
        for (var i = 0; i < 1000; i++)
            Assert.True(rule.Evaluate("event", value).IsTrue);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            rule.Evaluate("event", value);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;

        Assert.InRange(each, 0, 128);
    }

    [Fact]
    public async Task One_expression_serves_many_threads()
    {
        var rule = CelExpression.Parse("event.data.items.filter(i, i.n > limit).map(i, i.sku) == ['b']");

        await Parallel.ForAsync(0, 5000, (i, _) =>
        {
            Assert.Equal(i % 2 == 0, rule.Evaluate(("event", CelValue.Of(Root)), ("limit", CelValue.Int(i % 2 == 0 ? 10 : 0))).IsTrue);
            return ValueTask.CompletedTask;
        });
    }
}
