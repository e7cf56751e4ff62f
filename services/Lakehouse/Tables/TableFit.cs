using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>
/// How rows of a contract go into a table whose columns have other types: as the table's type where the value is exactly one of it;
/// rows with any other value do not fit, and the reason is told. Columns that hold nothing the table can take are not written.
/// </summary>
internal sealed class TableFit
{
    private readonly List<(int Column, Field Target, Func<Column, int, bool> Fits)> _checks = [];
    private readonly string? _missing;

    private TableFit(RowSchema contract, Snapshot? snapshot)
    {
        var table = snapshot?.RowSchema;
        List<Field> written = [];
        for (var i = 0; i < contract.Fields.Count; i++)
        {
            var field = contract.Fields[i];
            if (table is null || table.IndexOf(field.Name) is not (>= 0 and var at))
            {
                written.Add(field);
                continue;
            }

            var target = table.Fields[at];
            var same = target.Type == field.Type && target.Precision == field.Precision && target.Scale == field.Scale;
            var fits = same ? null : Check(field, target);
            // Same kind of column: its values can be written as the table's type. Else nothing but nulls ever gets here, and nulls need no column.
            if (same || Kind(field.Type) == Kind(target.Type))
                written.Add(field with { Type = target.Type, Precision = target.Precision, Scale = target.Scale, Nullable = target.Nullable });
            if (fits is not null)
                _checks.Add((i, target, fits));
            // Rows know no shorter integers than 32 bits.
            if (Range(snapshot!.Schema.Find(field.Name)!.Type.Kind) is var (least, most) && Kind(field.Type) == 0)
                _checks.Add((i, target, (column, row) => column.IsNull(row) || (((Int64Column)column)[row] is var value && value >= least && value <= most)));
            if (!target.Nullable)
                _checks.Add((i, target, static (column, row) => !column.IsNull(row)));
        }

        Written = new RowSchema(written);
        _missing = table?.Fields.FirstOrDefault(field => !field.Nullable && contract.IndexOf(field.Name) < 0)?.Name;
    }

    /// <summary>What is written of each row, in the table's types.</summary>
    public RowSchema Written { get; }

    /// <summary>Fits rows into a table, or into none yet (null).</summary>
    public static TableFit Of(RowSchema contract, Snapshot? snapshot) => new(contract, snapshot);

    /// <summary>Whether a row may be written; false with the reason where it may not.</summary>
    public bool Accepts(ColumnBatch rows, int row, out string? error)
    {
        error = _missing is null ? null : $"column '{_missing}' of the table takes no nulls and the contract has no such field; expected one";
        if (error is not null)
            return false;
        foreach (var (column, target, fits) in _checks)
        {
            var values = rows.Columns[column];
            if (fits(values, row))
                continue;
            error = string.Create(CultureInfo.InvariantCulture, $"field '{values.Field.Name}': found {values.GetValue(row) ?? "null"} of type {Text(values.Field)}; expected a value that column of type {Text(target)}{(target.Nullable ? "" : " NOT NULL")} holds exactly; widen the column, or give the field a new name");
            return false;
        }

        return true;
    }

    /// <summary>Whether it fits this version of the table as well.</summary>
    public bool IsFor(Snapshot snapshot) => _missing is null && Written.Fields.All(field =>
        snapshot.RowSchema.IndexOf(field.Name) is >= 0 and var at && snapshot.RowSchema.Fields[at] is var target
        && (target.Type, target.Precision, target.Scale) == (field.Type, field.Precision, field.Scale) && (target.Nullable || !field.Nullable));

    private static Func<Column, int, bool> Check(Field field, Field target) => (field.Type, target.Type) switch
    {
        (FieldType.Int32, FieldType.Int64) or (FieldType.Float32, FieldType.Float64) => static (_, _) => true,
        (FieldType.Int64, FieldType.Int32) => static (column, row) => column.IsNull(row) || ((Int64Column)column)[row] is >= int.MinValue and <= int.MaxValue,
        (FieldType.Float64, FieldType.Float32) => static (column, row) => column.IsNull(row) || ((Float64Column)column)[row] is var value && (double.IsNaN(value) || (double)(float)value == value),
        (FieldType.Decimal, FieldType.Decimal) => (column, row) => column.IsNull(row) || IsHeld(((DecimalColumn)column)[row], target),
        _ => static (column, row) => column.IsNull(row),
    };

    private static (long Least, long Most)? Range(DeltaTypeKind kind) => kind switch
    {
        DeltaTypeKind.Byte => (sbyte.MinValue, sbyte.MaxValue),
        DeltaTypeKind.Short => (short.MinValue, short.MaxValue),
        _ => null,
    };

    private static bool IsHeld(decimal value, Field target)
    {
        if (target.Scale < 28 && decimal.Round(value, target.Scale) != value)
            return false;
        var digits = target.Precision - target.Scale;
        var limit = 1m;
        for (var i = 0; i < digits; i++)
        {
            if (limit > decimal.MaxValue / 10)
                return true;
            limit *= 10;
        }

        return Math.Abs(value) < limit;
    }

    /// <summary>Types of one kind are held in the same column, and one may be written as the other.</summary>
    private static int Kind(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.Int64 => 0,
        FieldType.Float32 or FieldType.Float64 => 1,
        _ => 2 + (int)type,
    };

    private static string Text(Field field) => field.Type == FieldType.Decimal ? string.Create(CultureInfo.InvariantCulture, $"decimal({field.Precision},{field.Scale})") : field.Type.ToString();
}
