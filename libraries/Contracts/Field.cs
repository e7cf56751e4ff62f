namespace RealTimeMesh.Contracts;

/// <summary>One named, typed column of a <see cref="RowSchema"/>.</summary>
public sealed record Field(string Name, FieldType Type, bool Nullable)
{
    /// <summary>Decimal digits in all; only for <see cref="FieldType.Decimal"/>.</summary>
    public int Precision { get; init; }

    /// <summary>Decimal digits after the point; only for <see cref="FieldType.Decimal"/>.</summary>
    public int Scale { get; init; }

    /// <summary>Other names under which a source may carry this field (Avro <c>aliases</c>).</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>True where the Avro field has a <c>default</c>, so that a source may leave it out.</summary>
    public bool HasDefault { get; init; }

    /// <summary>The default as <see cref="Column.GetValue"/> would return it; meaningful only with <see cref="HasDefault"/>.</summary>
    public object? Default { get; init; }

    /// <summary>The only texts an Avro enum admits, in its order; empty for every other type.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Exact length in bytes of an Avro fixed; 0 where any length is admitted.</summary>
    public int FixedSize { get; init; }

    /// <summary>What an integer means where a source writes a timestamp as one; rows always hold microseconds.</summary>
    public EpochUnit EpochUnit { get; init; }

    /// <summary>The text is a UUID in its canonical form of 36 characters.</summary>
    public bool Uuid { get; init; }

    /// <summary>The contract tags this field as personal data.</summary>
    public bool Pii { get; init; }
}
