using Parquet;
using Parquet.Schema;

namespace RealTimeMesh.DeltaLake;

/// <summary>Values and levels of one leaf column of a checkpoint, in row order.</summary>
internal sealed class NestedColumn<T>(DataField field) : INestedColumn
    where T : struct
{
    private readonly List<T> _values = [];
    private readonly List<int> _definitions = [];
    private readonly List<int> _repetitions = [];

    public DataField Field { get; } = field;

    /// <summary>Rows without a value; the level says how deep the row is defined.</summary>
    public void Absent(int count, int level)
    {
        for (var i = 0; i < count; i++)
            Entry(level, 0);
    }

    public void Value(T value, int repetition = 0)
    {
        _values.Add(value);
        Entry(Field.MaxDefinitionLevel, repetition);
    }

    public void Entry(int definition, int repetition)
    {
        _definitions.Add(definition);
        _repetitions.Add(repetition);
    }

    public Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken) => group.WriteAllPartsAsync<T>(
        Field,
        _values.ToArray(),
        _definitions.ToArray(),
        Field.MaxRepetitionLevel > 0 ? _repetitions.ToArray() : null,
        cancellationToken);
}

/// <summary>A leaf column of any type.</summary>
internal interface INestedColumn
{
    DataField Field { get; }

    void Absent(int count, int level);

    Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);
}
