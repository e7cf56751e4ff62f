using System.Buffers;

namespace RealTimeMesh.Contracts.Values;

/// <summary>
/// Writes values of a type, or of the generic form where it is <see cref="object"/>, as Avro binary of one schema.
/// Made once by <see cref="AvroCodec"/>; immutable; may be shared between threads.
/// </summary>
public sealed class AvroWriter<T>
{
    private readonly ValueWriter<T> _writer;
    private readonly AvroLimits _limits;

    internal AvroWriter(AvroSchema schema, ValueWriter<T> writer, AvroLimits limits) => (Schema, _writer, _limits) = (schema, writer, limits);

    public AvroSchema Schema { get; }

    /// <summary>Writes a value. Throws <see cref="ContractException"/> with the field's path, and writes nothing, where it is not one of the schema.</summary>
    public void Write(T value, IBufferWriter<byte> output)
    {
        var bytes = new AvroOutput(_limits);
        try
        {
            WriteTo(ref bytes, value);
            output.Write(bytes.Written);
        }
        finally
        {
            bytes.Dispose();
        }
    }

    /// <summary>Writes a value behind a prefix, such as that of a wire format.</summary>
    public byte[] Write(T value, ReadOnlySpan<byte> prefix = default)
    {
        var bytes = new AvroOutput(_limits);
        try
        {
            bytes.WriteFixed(prefix);
            WriteTo(ref bytes, value);
            return bytes.Written.ToArray();
        }
        finally
        {
            bytes.Dispose();
        }
    }

    private void WriteTo(ref AvroOutput bytes, T value)
    {
        if (!_writer.TryWrite(ref bytes, value))
            throw new ContractException($"{(bytes.Path is null ? $"value of {Schema}" : $"field '{bytes.Path}'")}: {bytes.Error}. Correct the value.");
    }
}
