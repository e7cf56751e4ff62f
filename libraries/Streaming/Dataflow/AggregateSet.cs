using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>The aggregates of one grouping: how their accumulators lie beside each other.</summary>
internal sealed class AggregateSet
{
    private readonly Aggregator[] _aggregators;
    private readonly int[] _firstCell;
    private readonly int[] _object;

    public AggregateSet(IReadOnlyList<Aggregator> aggregators)
    {
        _aggregators = [.. aggregators];
        _firstCell = new int[_aggregators.Length];
        _object = new int[_aggregators.Length];
        for (var i = 0; i < _aggregators.Length; i++)
        {
            _firstCell[i] = Stride;
            Stride += _aggregators[i].Cells;
            _object[i] = _aggregators[i].HasObject ? Objects++ : -1;
        }
    }

    /// <summary>64-bit cells of one group.</summary>
    public int Stride { get; }

    /// <summary>Objects of one group.</summary>
    public int Objects { get; }

    public void Add(long[] cells, object?[] objects, ReadOnlySpan<int> slots, DataBatch batch, ReadOnlySpan<int> rows)
    {
        for (var a = 0; a < _aggregators.Length; a++)
        {
            var aggregator = _aggregators[a];
            if (_object[a] < 0)
            {
                aggregator.AddMany(cells, slots, Stride, _firstCell[a], batch.Rows, rows, batch.Times, batch.Places);
                continue;
            }

            for (var i = 0; i < rows.Length; i++)
                aggregator.Add(CellsOf(cells, slots[i], a), ref objects[(slots[i] * Objects) + _object[a]], batch.Rows, rows[i], batch.Times[rows[i]], batch.Places[rows[i]]);
        }
    }

    /// <summary>Adds one row.</summary>
    public void Add(long[] cells, object?[] objects, int slot, DataBatch batch, int row)
    {
        object? none = null;
        for (var a = 0; a < _aggregators.Length; a++)
        {
            if (_object[a] < 0)
                _aggregators[a].Add(CellsOf(cells, slot, a), ref none, batch.Rows, row, batch.Times[row], batch.Places[row]);
            else
                _aggregators[a].Add(CellsOf(cells, slot, a), ref objects[(slot * Objects) + _object[a]], batch.Rows, row, batch.Times[row], batch.Places[row]);
        }
    }

    public void Merge(long[] cells, object?[] objects, int slot, long[] otherCells, object?[] otherObjects, int other)
    {
        object? none = null;
        for (var a = 0; a < _aggregators.Length; a++)
        {
            if (_object[a] < 0)
                _aggregators[a].Merge(CellsOf(cells, slot, a), ref none, CellsOf(otherCells, other, a), null);
            else
                _aggregators[a].Merge(CellsOf(cells, slot, a), ref objects[(slot * Objects) + _object[a]], CellsOf(otherCells, other, a), otherObjects[(other * Objects) + _object[a]]);
        }
    }

    /// <summary>Appends the results of one group, one column an aggregate.</summary>
    public void AppendResults(ReadOnlySpan<Column> columns, long[] cells, object?[] objects, int slot)
    {
        for (var a = 0; a < _aggregators.Length; a++)
            _aggregators[a].AppendResult(columns[a], CellsOf(cells, slot, a), _object[a] < 0 ? null : objects[(slot * Objects) + _object[a]]);
    }

    public void Save(BlobWriter blob, long[] cells, object?[] objects, int slot)
    {
        for (var a = 0; a < _aggregators.Length; a++)
            _aggregators[a].Save(blob, CellsOf(cells, slot, a), _object[a] < 0 ? null : objects[(slot * Objects) + _object[a]]);
    }

    public void Load(ref BlobReader blob, long[] cells, object?[] objects, int slot)
    {
        object? none = null;
        for (var a = 0; a < _aggregators.Length; a++)
        {
            var own = CellsOf(cells, slot, a);
            own.Clear();
            if (_object[a] < 0)
                _aggregators[a].Load(ref blob, own, ref none);
            else
                _aggregators[a].Load(ref blob, own, ref objects[(slot * Objects) + _object[a]]);
        }
    }

    private Span<long> CellsOf(long[] cells, int slot, int aggregator) =>
        cells.AsSpan((slot * Stride) + _firstCell[aggregator], _aggregators[aggregator].Cells);
}
