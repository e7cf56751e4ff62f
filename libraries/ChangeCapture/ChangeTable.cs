namespace RealTimeMesh.ChangeCapture;

/// <summary>A column of a captured table.</summary>
/// <param name="Name">As the database has it.</param>
/// <param name="Kind">How its text is meant.</param>
/// <param name="IsKey">Part of what identifies a row in the log; known even of deleted rows.</param>
public sealed record ChangeColumn(string Name, ChangeKind Kind, bool IsKey)
{
    /// <summary>The database's name of the type, such as <c>numeric(12,2)</c>; empty where it is not known.</summary>
    public string TypeName { get; init; } = "";

    /// <summary>False where the database refuses null.</summary>
    public bool Nullable { get; init; } = true;

    /// <summary>Decimal digits in all; 0 where the column sets no limit.</summary>
    public int Precision { get; init; }

    /// <summary>Decimal digits after the point.</summary>
    public int Scale { get; init; }

    /// <summary>The only texts that an enum admits; empty for every other type.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];
}

/// <summary>A captured table as it was when its changes were made; another instance stands for another shape of it.</summary>
/// <param name="Name">With its schema, such as <c>public.orders</c>.</param>
/// <param name="Columns">In the table's order.</param>
/// <param name="OldRows">True where changes carry the whole row that was, not only its key.</param>
public sealed record ChangeTable(string Name, IReadOnlyList<ChangeColumn> Columns, bool OldRows);
