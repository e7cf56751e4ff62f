using RealTimeMesh.Contracts.Values;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Contracts.Tests;

public sealed class ContractRulesTests
{
    private const string Schema = """
        {"type":"record","name":"Order","namespace":"shop","fields":[
          {"name":"id","type":"long"},
          {"name":"mail","type":["null","string"],"default":null,"confluent:tags":["PII"]},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[{"name":"symbol","type":"string"},{"name":"price","type":"double"}]}}},
          {"name":"notes","type":{"type":"map","values":"string"}}]}
        """;

    private static readonly AvroSchema s_schema = AvroSchema.Parse(Schema);

    [Theory]
    [InlineData("message.id > 4", true)]
    [InlineData("message.id == 6", false)]
    [InlineData("message.id % 2 == 1 && message.side == 'SELL'", true)]
    [InlineData("message.lines.all(line, line.price > 0.0)", true)]
    [InlineData("message.lines.exists(line, line.symbol == 'MSFT')", false)]
    [InlineData("message.mail.endsWith('@example.com')", true)]
    [InlineData("size(message.notes) == 1 && 'a' in message.notes", true)]
    [InlineData("message.id > 100 ; message.id == 0", true)]
    [InlineData("message.nothing == 1", false)]
    public void A_condition_looks_at_the_whole_message(string expression, bool holds)
    {
        var rules = Compile(new ContractRule { Name = "r", Doc = "as it should be", Expression = expression })!;
        var payload = Payload();
        if (holds)
        {
            Assert.Equal(payload, rules.Apply(payload).ToArray());
            return;
        }

        var refused = Assert.Throws<RuleFailedException>(() => rules.Apply(payload));
        Assert.StartsWith("rule 'r': found ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("expected as it should be", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_on_fields_names_the_one_that_breaks_it()
    {
        var rules = Compile(new ContractRule { Name = "short", Type = "CEL_FIELD", Expression = "typeName == 'STRING' ; size(value) < 5" })!;
        Assert.Equal("mail", Assert.Throws<RuleFailedException>(() => rules.Apply(Payload())).Field);
        rules.Apply(Payload(mail: "x@y"));
        var inside = Compile(new ContractRule { Name = "short", Type = "CEL_FIELD", Expression = "fullName != 'shop.Line.price' || value < 1.0" })!;
        Assert.Equal("lines.price", Assert.Throws<RuleFailedException>(() => inside.Apply(Payload())).Field);
    }

    [Fact]
    public void A_transformation_of_tagged_fields_changes_those_only()
    {
        var masked = Read(Compile(new ContractRule { Name = "mask", Kind = "TRANSFORM", Type = "CEL_FIELD", Tags = ["PII"], Expression = "typeName == 'STRING' ; 'xxx'" })!.Apply(Payload()));
        Assert.Equal("xxx", masked["mail"]);
        Assert.Equal("AAPL", ((AvroRecordValue)((List<object?>)masked["lines"]!)[0]!)["symbol"]);
        var metadata = new ContractMetadata { Tags = new Dictionary<string, IReadOnlyList<string>> { ["**.symbol"] = ["SECRET"], ["shop.Order.id"] = ["SECRET"] } };
        var secret = Read(ContractRules.Compile(s_schema, metadata with { Rules = [new ContractRule { Name = "hide", Kind = "TRANSFORM", Type = "CEL_FIELD", Tags = ["SECRET"], Expression = "typeName == 'LONG' ? dyn(0) : dyn('-')" }] }, RulePhase.Write)!.Apply(Payload()));
        Assert.Equal((0L, "-"), (secret["id"], ((AvroRecordValue)((List<object?>)secret["lines"]!)[0]!)["symbol"]));
        Assert.Equal("ann@example.com", secret["mail"]);
    }

    [Fact]
    public void A_transformation_of_the_message_sets_the_fields_it_names_and_runs_in_order()
    {
        var first = new ContractRule { Name = "a", Kind = "TRANSFORM", Expression = "{'id': message.id + 1, 'side': 'BUY', 'lines': message.lines}", Mode = "WRITEREAD" };
        var second = new ContractRule { Name = "b", Kind = "TRANSFORM", Expression = "{'id': message.id * 10}", Mode = "WRITEREAD" };
        var written = Read(Compile(first, second)!.Apply(Payload()));
        Assert.Equal((60L, new AvroSymbol("shop.Side", "BUY"), "ann@example.com"), (written["id"], written["side"], written["mail"]));
        var read = Read(ContractRules.Compile(s_schema, new ContractMetadata { Rules = [first, second] }, RulePhase.Read)!.Apply(Payload()));
        Assert.Equal(51L, read["id"]);
        var wrong = Compile(new ContractRule { Name = "c", Kind = "TRANSFORM", Expression = "{'side': 'HOLD'}" })!;
        Assert.Contains("HOLD", Assert.Throws<RuleFailedException>(() => wrong.Apply(Payload())).Message, StringComparison.Ordinal);
        var type = Compile(new ContractRule { Name = "c", Kind = "TRANSFORM", Expression = "{'id': 'text'}" })!;
        Assert.Contains("String for one of type LONG", Assert.Throws<RuleFailedException>(() => type.Apply(Payload())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_a_failure_is_what_the_rule_says_for_the_phase()
    {
        var rule = new ContractRule { Name = "r", Expression = "false", Mode = "WRITEREAD", OnFailure = "NONE,DLQ", Parameters = new Dictionary<string, string> { ["dlq.topic"] = "bad" } };
        var payload = Payload();
        Assert.Equal(payload, Compile(rule)!.Apply(payload).ToArray());
        var refused = Assert.Throws<RuleFailedException>(() => ContractRules.Compile(s_schema, new ContractMetadata { Rules = [rule] }, RulePhase.Read)!.Apply(payload));
        Assert.Equal("bad", refused.DeadLetterTopic);
        Assert.Null(Compile(rule with { IsDisabled = true }));
        Assert.Null(Compile(rule with { Mode = "READ" }));
        Assert.Null(Compile(rule with { Mode = "UPGRADE", Part = "migrationRules" }));
    }

    [Theory]
    [InlineData("ENCRYPT", "domainRules", null, null, "found type ENCRYPT")]
    [InlineData("CEL", "domainRules", "message.id >", null, "no CEL")]
    [InlineData("CEL", "domainRules", "value > 1", null, "found the name 'value'")]
    [InlineData("CEL", "domainRules", "isEmail(message.mail)", null, "no CEL")]
    [InlineData("CEL", "domainRules", null, null, "found no expr")]
    [InlineData("CEL", "domainRules", "true", "RETRY", "onFailure RETRY")]
    [InlineData("ENCRYPT_PAYLOAD", "encodingRules", null, null, "encodingRules")]
    public void A_rule_that_cannot_be_applied_is_told_and_not_left_out(string type, string part, string? expression, string? onFailure, string expected)
    {
        var rule = new ContractRule { Name = "r", Type = type, Part = part, Expression = expression, OnFailure = onFailure };
        Assert.Contains(expected, Assert.Throws<ContractException>(() => Compile(rule)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Single(ContractRules.Faults(new ContractMetadata { Rules = [rule] })), StringComparison.Ordinal);
        Assert.Null(Compile(rule with { IsDisabled = true }));
    }

    private static ContractRules? Compile(params ContractRule[] rules) =>
        ContractRules.Compile(s_schema, ContractMetadata.FromSchema(Schema).With(new ContractMetadata { Rules = rules }), RulePhase.Write);

    private static byte[] Payload(string mail = "ann@example.com")
    {
        var line = new AvroRecordValue((AvroRecord)((AvroArray)((AvroRecord)s_schema).Fields[3].Schema).Items) { [0] = "AAPL", [1] = 1.5 };
        return AvroCodec.Writer<object?>(s_schema).Write(new AvroRecordValue((AvroRecord)s_schema)
        {
            [0] = 5L,
            [1] = mail,
            [2] = new AvroSymbol("shop.Side", "SELL"),
            [3] = new List<object?> { line },
            [4] = new Dictionary<string, object?> { ["a"] = "b" },
        });
    }

    private static AvroRecordValue Read(ReadOnlyMemory<byte> payload) => (AvroRecordValue)AvroCodec.Reader<object?>(s_schema).Read(payload.Span)!;
}
