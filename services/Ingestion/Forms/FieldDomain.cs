using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>
/// What Avro's types admit and a stream does not, whichever form its events arrive in: numbers that are not finite and
/// texts that are no UUID.
/// </summary>
internal sealed class FieldDomain(RowSchema rows)
{
    private readonly int[] _numbers = [.. Places(rows, field => field.Type is FieldType.Float32 or FieldType.Float64)];
    private readonly int[] _uuids = [.. Places(rows, field => field.Uuid)];

    /// <summary>Checks the last row; one that is refused is taken back.</summary>
    public bool Admits(ColumnBatch batch, out RowFault fault)
    {
        var row = batch.Count - 1;
        foreach (var i in _numbers)
        {
            var column = (Float64Column)batch.Columns[i];
            if (!column.IsNull(row) && !double.IsFinite(column[row]))
                return Refuse(batch, row, column, $"number {column[row]:R}", "finite number", out fault);
        }

        foreach (var i in _uuids)
        {
            var column = (StringColumn)batch.Columns[i];
            if (!column.IsNull(row) && !Guid.TryParseExact(column[row], "D", out _))
                return Refuse(batch, row, column, $"\"{column[row]}\"", "UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e", out fault);
        }

        fault = default;
        return true;
    }

    private static IEnumerable<int> Places(RowSchema rows, Func<Field, bool> which) =>
        Enumerable.Range(0, rows.Fields.Count).Where(i => which(rows.Fields[i]));

    private static bool Refuse(ColumnBatch batch, int row, Column column, string found, string expected, out RowFault fault)
    {
        fault = new RowFault(column.Field.Name, RowRules.Type, found, expected);
        batch.Truncate(row);
        return false;
    }
}
