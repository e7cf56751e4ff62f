namespace RealTimeMesh.DeltaLake;

/// <summary>The types a column can have (PROTOCOL.md, "Schema Serialization Format").</summary>
public enum DeltaTypeKind
{
    Boolean,

    /// <summary>8-bit signed.</summary>
    Byte,

    /// <summary>16-bit signed.</summary>
    Short,

    /// <summary>32-bit signed.</summary>
    Integer,

    /// <summary>64-bit signed.</summary>
    Long,

    /// <summary>IEEE 754 single.</summary>
    Float,

    /// <summary>IEEE 754 double.</summary>
    Double,

    /// <summary>See <see cref="DecimalType"/>.</summary>
    Decimal,

    /// <summary>UTF-8 text.</summary>
    String,

    Binary,

    /// <summary>A day of the proleptic Gregorian calendar.</summary>
    Date,

    /// <summary>An instant, in microseconds UTC.</summary>
    Timestamp,

    /// <summary>A local date and time in microseconds, without a zone (feature <c>timestampNtz</c>).</summary>
    TimestampNtz,

    /// <summary>Semi-structured (feature <c>variantType</c>); read and written by no operation here.</summary>
    Variant,

    /// <summary>A column without values; in no data file.</summary>
    Void,

    /// <summary>See <see cref="StructType"/>.</summary>
    Struct,

    /// <summary>See <see cref="ArrayType"/>.</summary>
    Array,

    /// <summary>See <see cref="MapType"/>.</summary>
    Map,
}
