using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake.Tests.Constraints;

public sealed class WriteRulesTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_violation_names_the_constraint_its_expression_and_the_row()
    {
        var rules = Rules([Field("id", PrimitiveType.Long), Field("name", PrimitiveType.String)], ("positive", "id > 0 AND length(name) < 5"));
        var rows = Rows(("id", FieldType.Int64, [5L, 7L, -3L]), ("name", FieldType.String, ["a", "b", "it's"]));
        var fault = Assert.Throws<ConstraintViolationException>(() => rules.Check(rows));
        Assert.Contains("CHECK constraint positive (id > 0 AND length(name) < 5) is violated by row {id: -3L, name: 'it\\'s'}", fault.Message, StringComparison.Ordinal);
        Assert.Equal("positive", fault.Check.Name);
    }

    [Fact]
    public void A_check_that_is_null_is_violated()
    {
        var rules = Rules([Field("id", PrimitiveType.Long)], ("c", "id > 0"));
        Assert.Contains("{id: null}", Assert.Throws<ConstraintViolationException>(() => rules.Check(Rows(("id", FieldType.Int64, [1L, null])))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_violating_row_is_found_once()
    {
        var rules = Rules([Field("id", PrimitiveType.Long, nullable: false), Field("n", PrimitiveType.Integer)], ("a", "n > 0"), ("b", "id < 10"));
        var violations = rules.FindViolations(Rows(("id", FieldType.Int64, [1L, null, 50L, 2L]), ("n", FieldType.Int32, [1L, -1L, 1L, 0L])));
        Assert.Equal([(1, RowCheckKind.NotNull), (2, RowCheckKind.Check), (3, RowCheckKind.Check)], violations.Select(violation => (violation.Row, violation.Check.Kind)));
    }

    [Fact]
    public void Invariants_are_read_as_an_object_or_as_its_text()
    {
        foreach (var json in new[] { """{"expression":{"expression":"x > 3"}}""", """ "{\"expression\":{\"expression\":\"x > 3\"}}" """ })
        {
            var rules = Rules([Field("x", PrimitiveType.Integer, metadata: ("delta.invariants", json))]);
            rules.Check(Rows(("x", FieldType.Int32, [4L])));
            Assert.Contains("invariant of column x (x > 3)", Assert.Throws<ConstraintViolationException>(() => rules.Check(Rows(("x", FieldType.Int32, [3L])))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Missing_columns_get_their_generated_value_default_or_null()
    {
        var rules = Rules([
            Field("at", PrimitiveType.Timestamp),
            Field("day", PrimitiveType.Date, metadata: ("delta.generationExpression", "\"CAST(at AS DATE)\"")),
            Field("kind", PrimitiveType.String, metadata: ("CURRENT_DEFAULT", "\"'none'\"")),
            Field("label", PrimitiveType.String, metadata: ("delta.generationExpression", "\"concat(kind, '-', year(at))\"")),
            Field("ntz", PrimitiveType.TimestampNtz),
        ]);
        var rows = rules.Complete(Rows(("at", FieldType.Timestamp, [1_704_164_645_000_000L])));
        rules.Check(rows);
        Assert.Equal(["at", "day", "kind", "label", "ntz"], rows.Schema.Fields.Select(field => field.Name));
        Assert.Equal([1_704_164_645_000_000L, 19_724L, "none", "none-2024", null], rows.Columns.Select(column => column.GetValue(0)));
    }

    [Fact]
    public void A_generated_value_that_was_given_must_be_the_right_one()
    {
        var rules = Rules([Field("at", PrimitiveType.Timestamp), Field("day", PrimitiveType.Date, metadata: ("delta.generationExpression", "\"CAST(at AS DATE)\""))]);
        var rows = Rows(("at", FieldType.Timestamp, [1_704_164_645_000_000L, null]), ("day", FieldType.Date, [19_725L, null]));
        Assert.Contains("generated column day (CAST(at AS DATE)) is violated by row {day: DATE '2024-01-03', at: TIMESTAMP '2024-01-02 03:04:05Z'}", Assert.Throws<ConstraintViolationException>(() => rules.Check(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_must_not_be_longer_than_their_type()
    {
        var rules = Rules([Field("code", PrimitiveType.String, metadata: ("__CHAR_VARCHAR_TYPE_STRING", "\"varchar(3)\""))]);
        rules.Check(Rows(("code", FieldType.String, ["abc", null, "\U0001F600éé"])));
        Assert.Contains("length of column code (varchar(3))", Assert.Throws<ConstraintViolationException>(() => rules.Check(Rows(("code", FieldType.String, ["abcd"])))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CHECK", "frobnicate(id) > 1", "constraint c (frobnicate(id) > 1) cannot be evaluated: expression, position 1: found function frobnicate")]
    [InlineData("CHECK", "id >", "constraint c (id >) cannot be evaluated: expression 'id >', position 5: found the end")]
    [InlineData("delta.invariants", "\"nonsense\"", "has delta.invariants")]
    [InlineData("delta.identity.start", "1", "without delta.identity.step")]
    [InlineData("delta.generationExpression", "\"other + 1\"", "the expression of column id (other + 1) cannot be evaluated")]
    public void A_rule_that_cannot_be_evaluated_refuses_every_write_by_name(string key, string text, string message)
    {
        var field = key == "CHECK" ? Field("id", PrimitiveType.Long) : Field("id", PrimitiveType.Long, metadata: (key, text));
        var fault = Assert.Throws<DeltaException>(() => key == "CHECK" ? Rules([field], ("c", text)) : Rules([field]));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_append_that_violates_a_constraint_leaves_nothing_behind()
    {
        var table = _fixture.Open();
        var schema = new StructType([Field("id", PrimitiveType.Long), Field("half", PrimitiveType.Double, metadata: ("delta.generationExpression", "\"id / 2\""))]);
        await table.BeginTransaction(null).SetMetadata(schema, [], null).SetProperties([new("delta.constraints.small", "id < 100")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token);
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        await Assert.ThrowsAsync<ConstraintViolationException>(() => table.WriteFilesAsync(snapshot, [Rows(("id", FieldType.Int64, [1L, 100L]))], Token));
        // The older door, which gives a schema, has no way round the rules.
        await Assert.ThrowsAsync<ConstraintViolationException>(() => table.WriteFilesAsync(new RowSchema([new Field("id", FieldType.Int64, true), new Field("half", FieldType.Float64, true)]), [], [Rows(("id", FieldType.Int64, [100L]), ("half", FieldType.Float64, [50d]))], Token));
        Assert.Empty(Directory.EnumerateFiles(_fixture.TablePath, "*.parquet"));
        var transaction = table.BeginTransaction(snapshot);
        foreach (var file in await table.WriteFilesAsync(snapshot, [Rows(("id", FieldType.Int64, [3L]))], Token))
            transaction.Add(file);
        await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Token);
        Assert.Equal([3L, 1.5d], TableFixture.Query($"select * from {_fixture.LiveFiles((await table.GetSnapshotAsync(null, Token))!)}")[0]);
    }

    [Theory]
    [InlineData("extra", FieldType.Int64, "is not in the table's schema")]
    [InlineData("id", FieldType.String, "is of type String; expected long")]
    public async Task Rows_with_other_columns_or_types_are_refused(string name, FieldType type, string message)
    {
        var table = _fixture.Open();
        await table.BeginTransaction(null).SetMetadata(new StructType([Field("id", PrimitiveType.Long), Field("v", PrimitiveType.Long)]), [], null).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token);
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        var fault = await Assert.ThrowsAsync<DeltaException>(() => table.WriteFilesAsync(snapshot, [Rows((name, type, [null]))], Token));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    internal static SchemaField Field(string name, DeltaType type, bool nullable = true, (string Key, string Json)? metadata = null) => metadata is var (key, json)
        ? new SchemaField(name, type, nullable) { Metadata = new Dictionary<string, JsonElement> { [key] = JsonDocument.Parse(json).RootElement.Clone() } }
        : new SchemaField(name, type, nullable);

    internal static ColumnBatch Rows(params (string Name, FieldType Type, object?[] Values)[] columns)
    {
        var batch = new ColumnBatch(new RowSchema([.. columns.Select(column => new Field(column.Name, column.Type, true))]));
        for (var i = 0; i < columns.Length; i++)
        {
            foreach (var value in columns[i].Values)
            {
                switch (batch.Columns[i], value)
                {
                    case (var column, null):
                        column.AppendNull();
                        break;
                    case (Int64Column column, long number):
                        column.Append(number);
                        break;
                    case (Float64Column column, double number):
                        column.Append(number);
                        break;
                    case (BooleanColumn column, bool flag):
                        column.Append(flag);
                        break;
                    default:
                        ((StringColumn)batch.Columns[i]).Append((string)value!);
                        break;
                }
            }
        }

        return batch;
    }

    private static WriteRules Rules(SchemaField[] fields, params (string Name, string Sql)[] constraints) =>
        WriteRules.For("t", new StructType(fields), constraints.ToDictionary(item => "delta.constraints." + item.Name, item => (string?)item.Sql), s_now);
}
