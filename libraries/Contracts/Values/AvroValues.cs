using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>
/// A record in the generic form. The generic form of a value of any schema is: null, <see cref="bool"/>, <see cref="int"/>,
/// <see cref="long"/>, <see cref="float"/>, <see cref="double"/>, <see cref="string"/>, <see cref="T:byte[]"/>,
/// <see cref="AvroSymbol"/>, <see cref="AvroFixedValue"/>, <see cref="List{T}"/> and <see cref="Dictionary{TKey,TValue}"/> of
/// such values, and this. Logical types stand as the type below them, so that nothing is lost.
/// </summary>
public sealed class AvroRecordValue : IEquatable<AvroRecordValue>
{
    private readonly object?[] _values;

    /// <summary>A record whose fields are null until they are set.</summary>
    public AvroRecordValue(AvroRecord schema)
        : this(schema, new object?[schema.Fields.Count])
    {
    }

    internal AvroRecordValue(AvroRecord schema, object?[] values) => (Schema, _values) = (schema, values);

    public AvroRecord Schema { get; }

    /// <summary>The value of a field by its position.</summary>
    public object? this[int field]
    {
        get => _values[field];
        set => _values[field] = value;
    }

    /// <summary>The value of a field. Throws <see cref="ContractException"/> where there is none of that name.</summary>
    public object? this[string field]
    {
        get => _values[IndexOf(field)];
        set => _values[IndexOf(field)] = value;
    }

    public bool Equals([NotNullWhen(true)] AvroRecordValue? other) =>
        other is not null && Schema.FullName == other.Schema.FullName && AvroValueComparer.Instance.Equals(_values, other._values);

    public override bool Equals(object? obj) => obj is AvroRecordValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Schema.FullName, _values.Length);

    public override string ToString() => $"{Schema.FullName} {{{string.Join(", ", Schema.Fields.Select((field, i) => $"{field.Name}: {_values[i]}"))}}}";

    private int IndexOf(string field)
    {
        for (var i = 0; i < Schema.Fields.Count; i++)
        {
            if (Schema.Fields[i].Name == field)
                return i;
        }

        throw new ContractException($"{Schema.FullName}: found no field '{field}'; expected one of {string.Join(", ", Schema.Fields.Select(known => known.Name))}. Correct the name.");
    }
}

/// <summary>A symbol of an enum in the generic form.</summary>
/// <param name="Enum">Full name of the enum.</param>
/// <param name="Symbol">The symbol.</param>
public sealed record AvroSymbol(string Enum, string Symbol);

/// <summary>A fixed in the generic form.</summary>
/// <param name="Type">Full name of the fixed.</param>
/// <param name="Bytes">Its bytes, as many as its schema says.</param>
public sealed record AvroFixedValue(string Type, byte[] Bytes)
{
    public bool Equals([NotNullWhen(true)] AvroFixedValue? other) => other is not null && Type == other.Type && Bytes.AsSpan().SequenceEqual(other.Bytes);

    public override int GetHashCode() => HashCode.Combine(Type, Bytes.Length);
}

/// <summary>The logical type duration.</summary>
/// <param name="Months">Months.</param>
/// <param name="Days">Days.</param>
/// <param name="Milliseconds">Milliseconds.</param>
public readonly record struct AvroDuration(uint Months, uint Days, uint Milliseconds);
