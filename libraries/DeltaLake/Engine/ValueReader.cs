using Apache.Arrow;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads one column; bound to each batch in turn.</summary>
internal interface IValueReader
{
    void Bind(IArrowArray array);
}

/// <summary>Reads values of one type from a column.</summary>
internal sealed class ValueReader<T>(Func<IArrowArray, Func<int, T>> bind) : IValueReader
{
    private Func<int, T> _read = _ => throw new InvalidOperationException("no batch is bound");

    public void Bind(IArrowArray array) => _read = bind(array);

    public T Read(int row) => _read(row);
}
