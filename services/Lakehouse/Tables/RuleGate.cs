using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Appending;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>Sets rows aside that break a rule of their table (CHECK, invariant, NOT NULL, length, generated column) and computes generated columns of the others.</summary>
internal sealed class RuleGate
{
    private readonly WriteRules? _rules;

    /// <summary>Columns that expressions look at: one of them is at fault where an expression cannot be computed.</summary>
    private readonly string? _columns;

    private RuleGate(WriteRules? rules)
    {
        _rules = rules;
        _columns = rules is null ? null : string.Join(", ", rules.Checks.Where(check => check.Kind is not (RowCheckKind.NotNull or RowCheckKind.Length)).Select(check => check.Condition)
            .Concat(rules.Fills.Where(fill => fill.IsGenerated).Select(fill => fill.Value)).SelectMany(expression => expression.References()).Select(column => column.Path[0].Name).Distinct());
    }

    /// <summary>Lets everything through.</summary>
    public static RuleGate Open { get; } = new(null);

    public static RuleGate Of(WriteRules rules)
    {
        rules.RequireRows();
        return rules.Checks.Count == 0 && !rules.Fills.Any(fill => fill.IsGenerated) ? Open : new RuleGate(rules);
    }

    /// <summary>The rows that may be written, and for the others their number in the batch with the reason, in order.</summary>
    public (ColumnBatch Rows, IReadOnlyList<(int Row, Rejection Why)> Broken) Sort(ColumnBatch rows)
    {
        if (_rules is null || rows.Count == 0)
            return (rows, []);
        List<(int Row, Rejection Why)> broken = [];
        List<ColumnBatch> parts = [];
        Sort(rows, 0, parts, broken);
        return (Join(parts, rows), broken);
    }

    /// <summary>An expression that fails (an overflow, a text that is no number) fails for all rows of a batch: halves find the rows it fails for.</summary>
    private void Sort(ColumnBatch rows, int first, List<ColumnBatch> parts, List<(int Row, Rejection Why)> broken)
    {
        try
        {
            var complete = _rules!.Complete(rows);
            var violations = _rules.FindViolations(complete);
            broken.AddRange(violations.Select(item => (first + item.Row, Why(item))));
            parts.Add(violations.Count == 0 ? complete : Without(complete, [.. violations.Select(item => item.Row)]));
        }
        catch (Exception exception) when (exception is RealTimeMeshException or OverflowException or FormatException)
        {
            if (rows.Count == 1)
            {
                broken.Add((first, new Rejection("constraint", "expression", _columns, null, "a row that the table's expressions can be computed for", exception.Message)));
                return;
            }

            var half = rows.Count / 2;
            Sort(Range(rows, 0, half), first, parts, broken);
            Sort(Range(rows, half, rows.Count), first + half, parts, broken);
        }
    }

    private static Rejection Why(RowViolation violation)
    {
        var check = violation.Check;
        var rule = check.Kind switch
        {
            RowCheckKind.NotNull => "not_null",
            RowCheckKind.Invariant => "invariant",
            RowCheckKind.Generated => "generated",
            RowCheckKind.Length => "length",
            _ => check.Name,
        };
        var field = string.Join(", ", check.Condition.References().Select(column => column.Path[0].Name).Distinct());
        return new Rejection("constraint", rule, field.Length == 0 ? null : field, violation.Values, check.Text, $"{check.Label} is violated by {{{violation.Values}}}");
    }

    private static ColumnBatch Join(List<ColumnBatch> parts, ColumnBatch empty)
    {
        if (parts.Count == 1)
            return parts[0];
        var joined = new ColumnBatch(parts.Count == 0 ? empty.Schema : parts[0].Schema);
        foreach (var part in parts)
            Copy(part, Enumerable.Range(0, part.Count), joined);
        return joined;
    }

    private static ColumnBatch Range(ColumnBatch rows, int start, int end) => Copy(rows, Enumerable.Range(start, end - start), new ColumnBatch(rows.Schema));

    private static ColumnBatch Without(ColumnBatch rows, HashSet<int> left) => Copy(rows, Enumerable.Range(0, rows.Count).Where(row => !left.Contains(row)), new ColumnBatch(rows.Schema));

    private static ColumnBatch Copy(ColumnBatch from, IEnumerable<int> rows, ColumnBatch to)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < to.Columns.Count; i++)
                to.Columns[i].AppendFrom(from.Columns[i], row);
        }

        return to;
    }
}
