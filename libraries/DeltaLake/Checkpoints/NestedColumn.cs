using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Values and levels of one leaf column of a checkpoint, in row order.</summary>
internal sealed class NestedColumn<T>(DataField field)
    where T : struct
{
    private readonly List<T> _values = [];
    private readonly List<int> _definitions = [];
    private readonly List<int> _repetitions = [];

    public DataField Field { get; } = field;

    public void Value(T value, int repetition = 0)
    {
        _values.Add(value);
        Entry(Field.MaxDefinitionLevel, repetition);
    }

    /// <summary>A row without a value; the level says how deep it is defined.</summary>
    public void Entry(int definition, int repetition)
    {
        _definitions.Add(definition);
        _repetitions.Add(repetition);
    }

    /// <summary>Writes the rows as the next column of a row group, and forgets them.</summary>
    public async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        // The library takes times only as DateTime, whose range is smaller; as plain numbers they are written as they are.
        if (typeof(T) != typeof(ReadOnlyMemory<char>))
            ValueTypeOf(Field) = typeof(T);
        await group.WriteAllPartsAsync<T>(Field, _values.ToArray(), _definitions.ToArray(), Field.MaxRepetitionLevel > 0 ? _repetitions.ToArray() : null, cancellationToken);
        _values.Clear();
        _definitions.Clear();
        _repetitions.Clear();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ClrType>k__BackingField")]
    private static extern ref Type ValueTypeOf(DataField field);
}
