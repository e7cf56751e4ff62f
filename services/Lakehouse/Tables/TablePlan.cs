using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>How rows of certain columns go into a table as it is now, and what must change about it for that.</summary>
internal sealed class TablePlan
{
    private TablePlan(Snapshot? snapshot, Snapshot? target, IReadOnlyList<string> changes, RowSchema rows, DateTimeOffset now)
    {
        (Snapshot, Target, Changes) = (snapshot, target, changes);
        Fit = TableFit.Of(rows, target?.Schema);
        Gate = target is null ? RuleGate.Open : RuleGate.Of(WriteRules.For(target, now));
    }

    /// <summary>The table as it is; null where it does not exist.</summary>
    public Snapshot? Snapshot { get; }

    /// <summary>The table as it will be with the first rows of this plan.</summary>
    public Snapshot? Target { get; }

    /// <summary>Columns that are added or widened, for people.</summary>
    public IReadOnlyList<string> Changes { get; }

    public TableFit Fit { get; }

    public RuleGate Gate { get; }

    /// <summary>Throws <see cref="DeltaException"/> where the table has rules that cannot be kept here: nothing may be written then.</summary>
    public static TablePlan Of(DeltaTable table, Snapshot? snapshot, RowSchema rows, DateTimeOffset now)
    {
        if (snapshot is null)
            return new TablePlan(null, null, [], rows, now);
        var (schema, changes) = TableColumns.Evolve(snapshot, rows);
        return new TablePlan(snapshot, changes.Count == 0 ? snapshot : table.Evolve(snapshot, schema), changes, rows, now);
    }
}
