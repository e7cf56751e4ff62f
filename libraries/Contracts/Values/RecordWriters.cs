namespace RealTimeMesh.Contracts.Values;

internal abstract class RecordPart<T>(string name)
{
    public string Name { get; } = name;

    public abstract bool TryWrite(ref AvroOutput output, ref T record);
}

internal sealed class FieldPart<T, TValue>(string name, Getter<T, TValue> get, ValueWriter<TValue> writer) : RecordPart<T>(name)
{
    public override bool TryWrite(ref AvroOutput output, ref T record) => writer.TryWrite(ref output, get(ref record));
}

/// <summary>A field for which the type has no property: its default.</summary>
internal sealed class ConstantPart<T>(string name, byte[] value) : RecordPart<T>(name)
{
    public override bool TryWrite(ref AvroOutput output, ref T record)
    {
        output.WriteFixed(value);
        return true;
    }
}

/// <summary>Writes records of a type. Made before its parts, because a record may contain itself.</summary>
internal sealed class RecordWriter<T>(AvroRecord schema) : ValueWriter<T>
{
    private RecordPart<T>[] _parts = [];

    public void Complete(IEnumerable<RecordPart<T>> parts) => _parts = [.. parts];

    public override bool TryWrite(ref AvroOutput output, T value)
    {
        if (value is null)
            return output.Fail("null", $"a {schema}");

        if (!output.TryEnter())
            return false;

        foreach (var part in _parts)
        {
            if (!part.TryWrite(ref output, ref value))
                return output.FailedAt(part.Name);
        }

        output.Leave();
        return true;
    }
}
