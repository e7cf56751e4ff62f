using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>One compiled expectation.</summary>
internal abstract class RowRule
{
    private long _failed;

    public required string Type { get; init; }

    public required string Column { get; init; }

    public required string Expected { get; init; }

    public required ExpectationSeverity Severity { get; init; }

    public long Failed => Volatile.Read(ref _failed);

    public void CountFailure() => Interlocked.Increment(ref _failed);

    public abstract bool Passes(ColumnBatch batch, int row);

    public abstract string Found(ColumnBatch batch, int row);
}

/// <summary>A rule of one column.</summary>
internal abstract class ColumnRule(int ordinal) : RowRule
{
    protected int Ordinal { get; } = ordinal;

    public override string Found(ColumnBatch batch, int row) => ValueText.Of(batch.Columns[Ordinal], row);
}

internal sealed class NullRule(int ordinal, bool expectNull) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row) => batch.Columns[Ordinal].IsNull(row) == expectNull;
}

/// <summary>The contract's type already is what is expected of every value.</summary>
internal sealed class AlwaysRule(int ordinal) : ColumnRule(ordinal)
{
    public override bool Passes(ColumnBatch batch, int row) => true;
}
