using System.Text;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Contracts.Tests;

public sealed class RowRuleSetTests
{
    private static readonly AvroContract s_contract = AvroContract.Parse("""
        {"type":"record","name":"Order","fields":[
          {"name":"id","type":"long"},{"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"mail","type":["null","string"],"default":null},{"name":"weight","type":"float"},{"name":"paid","type":"boolean"},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"day","type":{"type":"int","logicalType":"date"}},
          {"name":"raw","type":"bytes"},{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}
        """);

    private static ColumnBatch Row()
    {
        var rows = new ColumnBatch(s_contract.Rows);
        const string json = """{"id":7,"side":"SELL","mail":"a@b","weight":1.5,"paid":true,"at":"2026-01-01T00:00:00.250Z","day":"1970-01-03","raw":"QUI=","price":"12.50"}""";
        Assert.True(new JsonRowReader(s_contract.Rows).TryRead(Encoding.UTF8.GetBytes(json), rows, out var fault), fault.ToString());
        return rows;
    }

    private static RowRuleOutcome Apply(ColumnBatch rows, out RowRuleFailure failure, params ContractRule[] rules) =>
        RowRuleSet.Compile(s_contract, new ContractMetadata { Rules = rules })!.Begin().Apply(rows, out failure);

    /// <summary>The same conditions over the columns and, by asking for the message as a whole, over the encoded row.</summary>
    [Theory]
    [InlineData("message.id == 7", true)]
    [InlineData("message.id > 7", false)]
    [InlineData("message.side == 'SELL' && message.mail.endsWith('@b')", true)]
    [InlineData("message.weight == 1.5 && message.paid", true)]
    [InlineData("message.at == 1767225600250", true)]
    [InlineData("message.day == 2", true)]
    [InlineData("size(message.raw) == 2", true)]
    [InlineData("size(message.price) > 0", true)]
    [InlineData("message.paid ; message.id < 5", false)]
    [InlineData("!message.paid ; message.id < 5", true)]
    [InlineData("message.id", false)]
    [InlineData("message.id / 0 == 1", false)]
    [InlineData("['BUY', 'SELL'].exists(side, side == message.side)", true)]
    [InlineData("has(message.mail)", true)]
    public void A_condition_gives_the_same_over_columns_and_over_the_encoded_row(string expression, bool holds)
    {
        var expected = holds ? RowRuleOutcome.Kept : RowRuleOutcome.Refused;
        var rule = new ContractRule { Name = "r", Expression = expression };
        Assert.Equal(expected, Apply(Row(), out _, rule));
        Assert.Equal(expected, Apply(Row(), out _, new ContractRule { Name = "whole", Expression = "size(message) == 9" }, rule));
    }

    [Fact]
    public void A_refusal_names_rule_field_values_and_expression()
    {
        Apply(Row(), out var one, new ContractRule { Name = "r", Doc = "small", Expression = "message.id < 5" });
        Assert.Equal(new RowRuleFailure("r", "id", "false, with id 7", "small (message.id < 5)"), one);
        Apply(Row(), out var two, new ContractRule { Name = "r", Expression = "message.id < 5 && message.side == 'BUY'" });
        Assert.Equal(new RowRuleFailure("r", null, "false, with id 7, side 'SELL'", "message.id < 5 && message.side == 'BUY'"), two);
    }

    [Fact]
    public void A_transformation_replaces_the_row_and_one_without_effect_keeps_it()
    {
        var rows = Row();
        Assert.Equal(RowRuleOutcome.Changed, Apply(rows, out _, new ContractRule { Name = "t", Kind = "TRANSFORM", Expression = "{'id': message.id + 1, 'mail': null}" }));
        Assert.Equal((1, 8L, null, "SELL"), (rows.Count, rows.Columns[0].GetValue(0), rows.Columns[2].GetValue(0), rows.Columns[1].GetValue(0)));
        Assert.Equal(RowRuleOutcome.Kept, Apply(rows, out _, new ContractRule { Name = "t", Kind = "TRANSFORM", Expression = "{'id': message.id}" }));
        Assert.Equal(RowRuleOutcome.Refused, Apply(rows, out var failure, new ContractRule { Name = "t", Kind = "TRANSFORM", Expression = "{'id': 'x'}" }));
        Assert.Equal(("t", 1), (failure.Rule, rows.Count));
    }

    [Fact]
    public void Conditions_over_columns_allocate_next_to_nothing()
    {
        var rows = Row();
        var run = RowRuleSet.Compile(s_contract, new ContractMetadata { Rules = [new ContractRule { Name = "r", Expression = "message.id > 0 && message.side != 'HOLD' && message.weight < 2.0" }] })!.Begin();
        Assert.Equal(RowRuleOutcome.Kept, run.Apply(rows, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            run.Apply(rows, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64_000);
    }

    [Fact]
    public void A_contract_without_rules_for_writing_has_none()
    {
        Assert.Null(RowRuleSet.Compile(s_contract, ContractMetadata.None));
        Assert.Null(RowRuleSet.Compile(s_contract, new ContractMetadata { Rules = [new ContractRule { Name = "r", Mode = "READ", Expression = "true" }] }));
        Assert.Throws<ContractException>(() => RowRuleSet.Compile(s_contract, new ContractMetadata { Rules = [new ContractRule { Name = "r", Type = "ENCRYPT" }] }));
    }
}
