using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Everything a writer of a table must honour, as a plan: what fills the columns that are not given, and what must be true for every
/// row. Streaming appends evaluate it on batches; engines render <see cref="Checks"/> and <see cref="Fills"/> as SQL.
/// </summary>
public sealed class WriteRules
{
    private readonly string _table;
    private readonly StructType _schema;

    private WriteRules(string table, StructType schema, IReadOnlyList<RowCheck> checks, IReadOnlyList<ColumnFill> fills)
    {
        (_table, _schema) = (table, schema);
        Checks = checks;
        Fills = fills;
    }

    /// <summary>Conditions on every row.</summary>
    public IReadOnlyList<RowCheck> Checks { get; }

    /// <summary>For each column that may be left out what it holds then. A column that is in neither this list nor the rows is an error.</summary>
    public IReadOnlyList<ColumnFill> Fills { get; }

    /// <summary>
    /// The rules of a table. Throws <see cref="DeltaException"/> where one cannot be read, so that nothing is written that might break it.
    /// <paramref name="now"/> is what <c>current_timestamp()</c> in a default means.
    /// </summary>
    public static WriteRules For(Snapshot snapshot, DateTimeOffset now) => For(snapshot.Table, snapshot.Schema, snapshot.Configuration, now);

    /// <summary>As <see cref="For(Snapshot, DateTimeOffset)"/>, for a schema and properties that are about to be committed.</summary>
    public static WriteRules For(string table, StructType schema, IReadOnlyDictionary<string, string?> configuration, DateTimeOffset now)
    {
        var reader = new RuleReader(table, schema, now);
        return new WriteRules(table, schema, [.. reader.Checks(configuration)], [.. reader.Fills()]);
    }

    /// <summary>
    /// Rows with all columns of the table: those that are missing are computed, those given are taken as they are. Identity columns that are
    /// not given stay out: their numbers are given by <see cref="DeltaTable.WriteFilesAsync(Snapshot, IReadOnlyList{ColumnBatch}, CancellationToken)"/>.
    /// </summary>
    public ColumnBatch Complete(ColumnBatch rows)
    {
        var missing = _schema.Fields.Where(field => Given(rows, field) is null && field.Type.Kind != DeltaTypeKind.Void && !IdentityColumn.Is(field)).ToList();
        if (missing.Count == 0)
            return rows;
        var fields = _schema.Fields.Where(field => field.Type.Kind != DeltaTypeKind.Void && !IsCounted(rows, field)).ToList();
        var complete = new ColumnBatch(FlatRows.ToRows(_table, new StructType([.. fields.Select(Flat)])));
        var evaluator = new Evaluator(rows);
        for (var i = 0; i < fields.Count; i++)
        {
            var target = complete.Columns[i];
            if (Given(rows, fields[i]) is { } source)
                Copy(source, target);
        }

        // Generation expressions may name columns that have a default.
        foreach (var field in missing.OrderBy(field => FillOf(field).IsGenerated))
        {
            var values = evaluator.Evaluate(FillOf(field).Value);
            evaluator.Set(field.Name, values);
            ColumnVectors.Append(values, complete.Find(field.Name)!);
        }

        return complete;
    }

    /// <summary>Throws <see cref="ConstraintViolationException"/> for the first row that violates a rule.</summary>
    public void Check(ColumnBatch rows)
    {
        foreach (var check in Checks)
        {
            if (Violations(check, rows, new Evaluator(rows)).FirstOrDefault() is { } violation)
                throw new ConstraintViolationException(_table, check, violation.Values);
        }
    }

    /// <summary>Every row that violates a rule, once, with the first one it violates; for writers that set such rows aside.</summary>
    public IReadOnlyList<RowViolation> FindViolations(ColumnBatch rows)
    {
        var evaluator = new Evaluator(rows);
        return [.. Checks.SelectMany(check => Violations(check, rows, evaluator)).DistinctBy(violation => violation.Row).OrderBy(violation => violation.Row)];
    }

    /// <summary>Throws where a rule can only be evaluated by an engine.</summary>
    public void RequireRows()
    {
        foreach (var (label, expression) in Checks.Select(check => (check.Label, check.Condition)).Concat(Fills.Select(fill => ($"column {fill.Column}", fill.Value))))
        {
            try
            {
                Evaluator.Check(expression);
            }
            catch (ExpressionException exception)
            {
                throw new DeltaException(_table, $"{label} cannot be evaluated on rows: {exception.Message}; write through an engine.", exception);
            }
        }
    }

    private static bool IsCounted(ColumnBatch rows, SchemaField field) => IdentityColumn.Is(field) && Given(rows, field) is null;

    private static Column? Given(ColumnBatch rows, SchemaField field) => RowTypes.Find(rows, field.Name);

    /// <summary>Rows hold local times as they hold instants: microseconds since 1970.</summary>
    private static SchemaField Flat(SchemaField field) => field.Type.Kind == DeltaTypeKind.TimestampNtz ? field with { Type = PrimitiveType.Timestamp } : field;

    private ColumnFill FillOf(SchemaField field) => Fills.FirstOrDefault(fill => fill.Column == field.Name)
        ?? throw new DeltaException(_table, $"column '{field.Name}' is missing in the rows to write; expected every column that is not nullable and has no default.");

    private static void Copy(Column source, Column target)
    {
        for (var row = 0; row < source.Count; row++)
            target.AppendFrom(source, row);
    }

    private static IEnumerable<RowViolation> Violations(RowCheck check, ColumnBatch rows, Evaluator evaluator)
    {
        // Rules of numbers that are still to be given are checked when they are.
        if (rows.Count == 0 || IsSurelyNotNull(check, rows) || check.Condition.References().Any(column => IsCounted(rows, column.Path[0])))
            yield break;
        var outcome = (Vector<bool>)evaluator.Evaluate(check.Condition);
        for (var row = 0; row < rows.Count; row++)
        {
            if (outcome.IsNull(row) || !outcome[row])
                yield return new RowViolation(row, check, Describe(check, rows, row));
        }
    }

    /// <summary>The common case without a look at the rows.</summary>
    private static bool IsSurelyNotNull(RowCheck check, ColumnBatch rows) =>
        check.Kind == RowCheckKind.NotNull && check.Condition.References().Distinct().ToList() is [{ Path.Count: 1 } column] && Given(rows, column.Field) is { NullCount: 0 };

    private static string Describe(RowCheck check, ColumnBatch rows, int row) => string.Join(", ", check.Condition.References().Select(column => column.Path[0]).DistinctBy(field => field.Name).Select(field =>
        $"{field.Name}: {RowText.Of(field, Given(rows, field)?.GetValue(row))}"));
}
