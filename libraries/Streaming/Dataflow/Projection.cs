using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Lets the rows through for which a condition is true, with columns computed from theirs; column at a time. Rows keep
/// time, mark and place, so what later steps find late or group does not change by it. Keeps no state.
/// </summary>
internal sealed class Projection : Operator
{
    private readonly BoundExpression? _where;
    private readonly BoundExpression[]? _columns;
    private readonly DataBatch _output;
    private int[] _rows = [];
    private int[] _all = [];

    /// <param name="input">Schema of the rows that come in.</param>
    /// <param name="where">Rows that pass; null for all.</param>
    /// <param name="columns">What leaves; null for the input's columns.</param>
    public Projection(RowSchema input, BoundExpression? where, IReadOnlyList<(string Name, BoundExpression Value)>? columns)
        : base(columns is null ? input : SchemaOf(input, columns))
    {
        if (where is not null && where.Type != FieldType.Boolean)
            throw new StreamingException($"condition '{where.Text}': found type {where.Type}; expected Boolean; compare it with something.");
        _where = where;
        _columns = columns is null ? null : [.. columns.Select(column => column.Value)];
        _output = new DataBatch(Output);
    }

    public override void Process(int port, DataBatch batch)
    {
        var rows = Select(batch);
        if (rows.Length == 0)
            return;
        if (_columns is null && rows.Length == batch.Count)
        {
            Emit(batch);
            return;
        }

        _output.Clear();
        for (var i = 0; i < _output.Rows.Columns.Count; i++)
        {
            if (_columns is null)
                _output.Rows.Columns[i].AppendRows(batch.Rows.Columns[i], rows);
            else
                _columns[i].AppendTo(batch.Rows, rows, _output.Rows.Columns[i]);
        }

        _output.CompleteFrom(batch, rows);
        Emit(_output);
    }

    public override void Advance(int port, long watermark) => Forward(watermark);

    /// <summary>The field that a column of an expression is: a bare field keeps what its contract says of it.</summary>
    private static RowSchema SchemaOf(RowSchema input, IReadOnlyList<(string Name, BoundExpression Value)> columns) => new(
    [
        .. columns.Select(column => column.Value.FieldOrdinal >= 0
            ? input.Fields[column.Value.FieldOrdinal] with { Name = column.Name, Default = null, HasDefault = false, Aliases = [] }
            : new Field(column.Name, column.Value.ColumnType, true)),
    ]);

    private ReadOnlySpan<int> Select(DataBatch batch)
    {
        if (_where is not null)
        {
            if (_rows.Length < batch.Count)
                _rows = new int[batch.Count];
            return _rows.AsSpan(0, _where.SelectTrue(batch.Rows, _rows));
        }

        if (_all.Length < batch.Count)
            _all = [.. Enumerable.Range(0, batch.Count * 2)];
        return _all.AsSpan(0, batch.Count);
    }
}
