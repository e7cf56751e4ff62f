using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>The type of a column, an element, a key or a value. Immutable; compared by content.</summary>
public abstract record DeltaType(DeltaTypeKind Kind)
{
    /// <summary>The type in SQL, such as <c>decimal(10,2)</c> or <c>array&lt;struct&lt;a: long&gt;&gt;</c>; for messages.</summary>
    public abstract string SqlName { get; }

    /// <summary>True for all but structs, arrays and maps.</summary>
    public bool IsPrimitive => Kind is not (DeltaTypeKind.Struct or DeltaTypeKind.Array or DeltaTypeKind.Map);

    public sealed override string ToString() => SqlName;
}

/// <summary>A type without parameters.</summary>
public sealed record PrimitiveType : DeltaType
{
    private PrimitiveType(DeltaTypeKind kind, string name)
        : base(kind) => SqlName = name;

    public static PrimitiveType Boolean { get; } = new(DeltaTypeKind.Boolean, "boolean");

    public static PrimitiveType Byte { get; } = new(DeltaTypeKind.Byte, "byte");

    public static PrimitiveType Short { get; } = new(DeltaTypeKind.Short, "short");

    public static PrimitiveType Integer { get; } = new(DeltaTypeKind.Integer, "integer");

    public static PrimitiveType Long { get; } = new(DeltaTypeKind.Long, "long");

    public static PrimitiveType Float { get; } = new(DeltaTypeKind.Float, "float");

    public static PrimitiveType Double { get; } = new(DeltaTypeKind.Double, "double");

    public static PrimitiveType String { get; } = new(DeltaTypeKind.String, "string");

    public static PrimitiveType Binary { get; } = new(DeltaTypeKind.Binary, "binary");

    public static PrimitiveType Date { get; } = new(DeltaTypeKind.Date, "date");

    public static PrimitiveType Timestamp { get; } = new(DeltaTypeKind.Timestamp, "timestamp");

    public static PrimitiveType TimestampNtz { get; } = new(DeltaTypeKind.TimestampNtz, "timestamp_ntz");

    public static PrimitiveType Variant { get; } = new(DeltaTypeKind.Variant, "variant");

    public static PrimitiveType Void { get; } = new(DeltaTypeKind.Void, "void");

    /// <summary>All of them, by their name in the schema.</summary>
    internal static IReadOnlyDictionary<string, PrimitiveType> ByName { get; } =
        new[] { Boolean, Byte, Short, Integer, Long, Float, Double, String, Binary, Date, Timestamp, TimestampNtz, Variant, Void }.ToDictionary(type => type.SqlName, StringComparer.Ordinal);

    /// <summary>Also the name in the schema's JSON.</summary>
    public override string SqlName { get; }
}

/// <summary>An exact decimal.</summary>
/// <param name="Precision">Digits in all, 1 to 38.</param>
/// <param name="Scale">Digits after the point, 0 to the precision.</param>
public sealed record DecimalType(int Precision, int Scale) : DeltaType(DeltaTypeKind.Decimal)
{
    public override string SqlName { get; } = string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})");
}

/// <summary>A list of elements of one type.</summary>
public sealed record ArrayType(DeltaType ElementType, bool ContainsNull) : DeltaType(DeltaTypeKind.Array)
{
    public override string SqlName => $"array<{ElementType}>";
}

/// <summary>Values by key.</summary>
public sealed record MapType(DeltaType KeyType, DeltaType ValueType, bool ValueContainsNull) : DeltaType(DeltaTypeKind.Map)
{
    public override string SqlName => $"map<{KeyType}, {ValueType}>";
}
