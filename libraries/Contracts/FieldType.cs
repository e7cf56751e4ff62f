namespace RealTimeMesh.Contracts;

/// <summary>The types a contract's field can have, and how a <see cref="Column"/> holds them.</summary>
public enum FieldType
{
    /// <summary>Held in a <see cref="BooleanColumn"/>.</summary>
    Boolean,

    /// <summary>Signed 32-bit integer, held in an <see cref="Int64Column"/>.</summary>
    Int32,

    /// <summary>Signed 64-bit integer, held in an <see cref="Int64Column"/>.</summary>
    Int64,

    /// <summary>IEEE 754 single, held in a <see cref="Float64Column"/>.</summary>
    Float32,

    /// <summary>IEEE 754 double, held in a <see cref="Float64Column"/>.</summary>
    Float64,

    /// <summary>UTF-8 text (Avro string, enum or uuid), held in a <see cref="StringColumn"/>.</summary>
    String,

    /// <summary>Held in a <see cref="BytesColumn"/>.</summary>
    Bytes,

    /// <summary>Days since 1970-01-01, held in an <see cref="Int64Column"/>.</summary>
    Date,

    /// <summary>Microseconds since 1970-01-01T00:00:00Z, held in an <see cref="Int64Column"/>.</summary>
    Timestamp,

    /// <summary>Decimal of the field's precision and scale, held in a <see cref="DecimalColumn"/>.</summary>
    Decimal,
}
