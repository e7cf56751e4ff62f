using System.Globalization;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DeadLetters.Editing;

/// <summary>
/// An edit compiled for the messages it meets. A message's own values decide the types its fields have in expressions (a price that is
/// a text is a text, so that it can be mended); fields it lacks are NULL of the contract's type. One compilation serves all messages of
/// the same fields and types. Not thread-safe.
/// </summary>
internal sealed class EditProgram(EditRequest request, RowSchema? contract)
{
    /// <summary>Name under which the message's key is read and set.</summary>
    public const string Key = "_key";

    private const int MostShapes = 256;

    private readonly Dictionary<string, EditPlan> _plans = new(StringComparer.Ordinal);

    /// <summary>Changes a message in place.</summary>
    public EditOutcome Run(JsonObject message, ref string? key)
    {
        EditPlan plan;
        ColumnBatch rows;
        try
        {
            var row = MessageRow.Of(message, key, contract);
            if (!_plans.TryGetValue(row.Shape, out plan!))
            {
                if (_plans.Count >= MostShapes)
                    _plans.Clear();
                _plans[row.Shape] = plan = EditPlan.Compile(request, row.Schema);
            }

            rows = row.Rows;
        }
        catch (ArgumentException)
        {
            return EditOutcome.Impossible("a field stands twice in the message");
        }

        if (plan.Fault is { } fault)
            return EditOutcome.Impossible(fault);
        if (plan.Where is { } where && !where.IsTrue(rows, 0))
            return EditOutcome.Unchanged;
        // All expressions see the message as it was.
        var values = plan.Set.Select(set => (set.Name, Value: Evaluate(set.Expression, rows))).ToArray();
        foreach (var name in plan.Drop)
            message.Remove(name);
        foreach (var (name, value) in values)
        {
            if (name == Key)
                key = value is null ? null : value is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : value.ToJsonString();
            else
                message[name] = value;
        }

        return EditOutcome.Changed;
    }

    private static JsonNode? Evaluate(BoundExpression expression, ColumnBatch rows)
    {
        switch (expression.Type)
        {
            case FieldType.Boolean:
                return expression.TryGetBoolean(rows, 0, out var truth) ? JsonValue.Create(truth) : null;
            case FieldType.Int32 or FieldType.Int64:
                return expression.TryGetInt64(rows, 0, out var whole) ? JsonValue.Create(whole) : null;
            case FieldType.Date:
                return expression.TryGetInt64(rows, 0, out var days) && days is > -719_162 and < 2_932_896 ? JsonValue.Create(DateOnly.FromDayNumber((int)days + 719_162).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) : null;
            case FieldType.Timestamp:
                return expression.TryGetInt64(rows, 0, out var micros) && micros is > -62_135_596_800_000_000 and < 253_402_300_800_000_000
                    ? JsonValue.Create(DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture))
                    : null;
            case FieldType.String:
                return expression.TryGetString(rows, 0, out var text) ? JsonValue.Create(text) : null;
            default:
                return expression.TryGetDouble(rows, 0, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : null;
        }
    }
}

/// <summary>The expressions of an edit bound to the fields of a message.</summary>
/// <param name="Fault">Why they cannot be.</param>
internal sealed record EditPlan(IReadOnlyList<(string Name, BoundExpression Expression)> Set, IReadOnlyList<string> Drop, BoundExpression? Where, string? Fault)
{
    public static EditPlan Compile(EditRequest request, RowSchema schema)
    {
        var set = new List<(string, BoundExpression)>();
        foreach (var (name, text) in request.Set)
        {
            if (!ExpressionCompiler.TryCompile(text, schema, out var expression, out var error))
                return Faulty($"{name} = {text}: {error}");
            set.Add((name, expression));
        }

        if (request.Where is not { Length: > 0 } condition)
            return new EditPlan(set, request.Drop, null, null);
        if (!ExpressionCompiler.TryCompile(condition, schema, out var where, out var wrong))
            return Faulty($"where {condition}: {wrong}");
        return where.Type == FieldType.Boolean ? new EditPlan(set, request.Drop, where, null) : Faulty($"where {condition}: found {where.Type}; expected a condition");
    }

    private static EditPlan Faulty(string fault) => new([], [], null, fault);
}

/// <summary>What an edit did to a message.</summary>
/// <param name="Fault">Why it could not be edited.</param>
internal readonly record struct EditOutcome(bool IsChanged, string? Fault)
{
    public static EditOutcome Changed => new(true, null);

    public static EditOutcome Unchanged => new(false, null);

    public static EditOutcome Impossible(string fault) => new(false, fault);
}
