namespace RealTimeMesh.Contracts;

/// <summary>A parsed Avro schema of any shape: what compatibility is judged on and what foreign payloads are skipped by.</summary>
public abstract class AvroSchema(AvroKind kind)
{
    public AvroKind Kind { get; } = kind;

    /// <summary>The <c>logicalType</c> as written, known or not; null where there is none.</summary>
    public string? LogicalType { get; internal init; }

    /// <summary>Digits in all of a decimal; 0 where not given.</summary>
    public int Precision { get; internal init; }

    /// <summary>Digits after the point of a decimal.</summary>
    public int Scale { get; internal init; }

    /// <summary>Reads a schema document. Throws <see cref="ContractException"/> naming the element that is wrong.</summary>
    public static AvroSchema Parse(string json) => AvroSchemaParser.Parse(json);

    /// <summary>The type as error messages call it: its kind, or its name where it has one.</summary>
    public override string ToString() => Kind.ToString().ToLowerInvariant();
}

/// <summary>A type without parts.</summary>
public sealed class AvroPrimitive(AvroKind kind) : AvroSchema(kind);

/// <summary>A type that other places of the schema can name.</summary>
public abstract class AvroNamed(AvroKind kind, string fullName, IReadOnlyList<string> aliases) : AvroSchema(kind)
{
    /// <summary>Name with its namespace.</summary>
    public string FullName { get; } = fullName;

    /// <summary>Name without its namespace.</summary>
    public string Name => FullName[(FullName.LastIndexOf('.') + 1)..];

    /// <summary>Earlier full names.</summary>
    public IReadOnlyList<string> Aliases { get; } = aliases;

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {FullName}";
}

public sealed class AvroRecord(string fullName, IReadOnlyList<string> aliases) : AvroNamed(AvroKind.Record, fullName, aliases)
{
    /// <summary>The fields in order; filled after construction, because a record may contain itself.</summary>
    public IReadOnlyList<AvroField> Fields { get; internal set; } = [];
}

public sealed class AvroEnum(string fullName, IReadOnlyList<string> aliases, IReadOnlyList<string> symbols, string? fallback)
    : AvroNamed(AvroKind.Enum, fullName, aliases)
{
    private readonly HashSet<string> _symbols = new(symbols, StringComparer.Ordinal);

    public IReadOnlyList<string> Symbols { get; } = symbols;

    /// <summary>The symbol that stands for symbols this schema does not have; null where there is none.</summary>
    public string? Default { get; } = fallback;

    /// <summary>Whether it has a symbol.</summary>
    public bool Has(string symbol) => _symbols.Contains(symbol);
}

public sealed class AvroFixed(string fullName, IReadOnlyList<string> aliases, int size) : AvroNamed(AvroKind.Fixed, fullName, aliases)
{
    /// <summary>Bytes.</summary>
    public int Size { get; } = size;
}

public sealed class AvroArray(AvroSchema items) : AvroSchema(AvroKind.Array)
{
    public AvroSchema Items { get; } = items;
}

public sealed class AvroMap(AvroSchema values) : AvroSchema(AvroKind.Map)
{
    public AvroSchema Values { get; } = values;
}

public sealed class AvroUnion(IReadOnlyList<AvroSchema> branches) : AvroSchema(AvroKind.Union)
{
    public IReadOnlyList<AvroSchema> Branches { get; } = branches;
}
