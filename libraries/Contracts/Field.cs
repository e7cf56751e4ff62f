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

    /// <summary>The contract tags this field as personal data.</summary>
    public bool Pii { get; init; }
}
