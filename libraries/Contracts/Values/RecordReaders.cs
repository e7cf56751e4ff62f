using System.Diagnostics.CodeAnalysis;

namespace RealTimeMesh.Contracts.Values;

/// <summary>One step of reading a record: a field of the writer, or a default of the reader.</summary>
/// <param name="name">Of the field, for messages.</param>
internal abstract class RecordStep<T>(string name)
{
    public string Name { get; } = name;

    public abstract bool TryRead(ref AvroCursor cursor, ref T record);
}

/// <summary>A field that the reader does not have.</summary>
internal sealed class SkipStep<T>(string name, AvroSchema schema) : RecordStep<T>(name)
{
    public override bool TryRead(ref AvroCursor cursor, ref T record) => AvroSkipper.TrySkip(ref cursor, schema);
}

/// <summary>Puts a value read into its place in a record.</summary>
internal delegate void Setter<TRecord, in TValue>(ref TRecord record, TValue value);

internal sealed class FieldStep<T, TValue>(string name, ValueReader<TValue> reader, Setter<T, TValue> set) : RecordStep<T>(name)
{
    public override bool TryRead(ref AvroCursor cursor, ref T record)
    {
        if (!reader.TryRead(ref cursor, out var value))
            return false;

        set(ref record, value);
        return true;
    }
}

/// <summary>A field that the writer does not have: its default, kept as Avro binary, is read anew for each record.</summary>
internal sealed class DefaultStep<T, TValue>(string name, ValueReader<TValue> reader, byte[] value, Setter<T, TValue> set) : RecordStep<T>(name)
{
    public override bool TryRead(ref AvroCursor cursor, ref T record)
    {
        var own = new AvroCursor(value);
        if (!reader.TryRead(ref own, out var found))
            return cursor.Fail($"default: {own.Error}");

        set(ref record, found);
        return true;
    }
}

/// <summary>Reads records. Made before its steps, because a record may contain itself.</summary>
internal sealed class RecordReader<T>(Func<T> create) : ValueReader<T>
{
    private RecordStep<T>[]? _steps;
    private string _refusal = "";

    public void Complete(IEnumerable<RecordStep<T>> steps) => _steps = [.. steps];

    /// <summary>For readers of other records that hold this one already.</summary>
    public void Refuse(string reason) => _refusal = reason;

    public override bool TryRead(ref AvroCursor cursor, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (_steps is not { } steps)
            return cursor.Fail(_refusal);

        if (!cursor.TryEnter())
            return false;

        var record = create();
        foreach (var step in steps)
        {
            if (!step.TryRead(ref cursor, ref record))
                return cursor.FailedAt(step.Name);
        }

        cursor.Leave();
        value = record;
        return true;
    }
}
