namespace RealTimeMesh.Contracts.Values;

/// <summary>One compiled step of writing: a value of .NET as a value of the schema. Built once per schema and type.</summary>
internal abstract class ValueWriter<T>
{
    public abstract bool TryWrite(ref AvroOutput output, T value);
}

/// <summary>A value in the generic form.</summary>
internal abstract class GenericWriter : ValueWriter<object?>
{
    /// <summary>How well a union's branch suits a value: 0 not at all, 1 after widening, 2 exactly. Parts are not looked at.</summary>
    public abstract int Rank(object? value);

    protected static bool Fail(ref AvroOutput output, object? value, string expected) => output.Fail(
        value switch
        {
            null => "null",
            string text => $"the text {RowFaults.Quote(text)}",
            byte[] bytes => $"{bytes.Length} bytes",
            IFormattable number => $"{value.GetType().Name} {number.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}",
            _ => $"a value of {value.GetType()}",
        },
        expected);
}

/// <summary>Writes a type of the generic form.</summary>
internal sealed class GenericAsWriter<T>(GenericWriter inner) : ValueWriter<T>
{
    public override bool TryWrite(ref AvroOutput output, T value) => inner.TryWrite(ref output, value);
}
