using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>
/// Reads Avro binary of one writer schema into values of a type: a record, class or struct whose properties are the
/// reader schema's fields, or <see cref="object"/> for the generic form (<see cref="AvroRecordValue"/>). Made once per pair of
/// schemas by <see cref="AvroCodec"/>; immutable; may be shared between threads.
/// </summary>
public sealed class AvroReader<T>
{
    private readonly ValueReader<T> _reader;
    private readonly AvroLimits _limits;

    internal AvroReader(ValueReader<T> reader, AvroLimits limits) => (_reader, _limits) = (reader, limits);

    /// <summary>Reads one value that fills the payload. False, with the reason and the field's path, where the payload is not of the writer's schema.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? error)
    {
        if (!TryRead(payload, out value, out var length, out error))
            return false;

        if (length == payload.Length)
            return true;

        error = $"{payload.Length - length} bytes behind the value";
        value = default;
        return false;
    }

    /// <summary>Reads one value from the start of a payload that may go on.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload, [MaybeNullWhen(false)] out T value, out int length, [NotNullWhen(false)] out string? error)
    {
        var cursor = new AvroCursor(payload, _limits);
        var read = _reader.TryRead(ref cursor, out value);
        length = cursor.Position;
        error = read ? null : cursor.Describe();
        return read;
    }

    /// <summary>Reads one value that fills the payload. Throws <see cref="ContractException"/> with the field's path.</summary>
    public T Read(ReadOnlySpan<byte> payload) =>
        TryRead(payload, out var value, out var error) ? value : throw new ContractException($"Avro payload of {payload.Length} bytes: found {error}; expected a value of its writer's schema. Check that the schema is that of the writer.");
}
