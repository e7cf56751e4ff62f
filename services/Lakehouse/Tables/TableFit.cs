using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Appending;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>
/// How rows of a contract go into a table whose columns have other types: as the table's type where the value is exactly one of it;
/// rows with any other value do not fit, and the reason is told. Columns that hold nothing the table can take are not written.
/// </summary>
internal sealed class TableFit
{
    private readonly List<(int At, SchemaField Column, Func<Column, int, bool> Fits)> _checks = [];
    private readonly string? _missing;
    private readonly RowSchema? _written;

    private TableFit(RowSchema rows, StructType? table)
    {
        if (table is null)
            return;
        List<Field> written = [];
        var asIs = true;
        foreach (var (field, i) in rows.Fields.Select((field, i) => (field, i)))
        {
            if (table.Find(field.Name) is not { } column)
            {
                written.Add(field);
                continue;
            }

            var target = Target(column);
            var same = target is not null && target.Type == field.Type && target.Precision == field.Precision && target.Scale == field.Scale;
            if (!same)
                _checks.Add((i, column, Check(field, target)));
            // Same kind of column: its values can be written as the table's type. Else nothing but nulls ever gets here, and nulls need no column.
            if (target is not null && SameKind(field, target))
                written.Add(same || field.Type != FieldType.Float64 ? field : field with { Type = target.Type });
            asIs &= written.Count > 0 && ReferenceEquals(written[^1], field);
            // Rows know no shorter integers than 32 bits.
            if (Range(column.Type.Kind) is var (least, most) && Kind(field.Type) == 0)
                _checks.Add((i, column, (values, row) => values.IsNull(row) || (((Int64Column)values)[row] is var value && value >= least && value <= most)));
        }

        _written = asIs ? null : new RowSchema(written);
        _missing = table.Fields.FirstOrDefault(column => !column.Nullable && rows.Fields.All(field => !string.Equals(field.Name, column.Name, StringComparison.OrdinalIgnoreCase)) && !IsFilled(column))?.Name;
    }

    /// <summary>Fits rows into a table, or into none yet (null).</summary>
    public static TableFit Of(RowSchema rows, StructType? table) => new(rows, table);

    /// <summary>Whether a row may be written; false with the reason where it may not.</summary>
    public bool Accepts(ColumnBatch rows, int row, out Rejection? why)
    {
        why = null;
        if (_missing is not null)
        {
            why = new Rejection("schema", "not_null", _missing, "no such field", $"a field for column '{_missing}'", $"column '{_missing}' of the table takes no nulls and the contract has no such field; expected one");
            return false;
        }

        foreach (var (at, column, fits) in _checks)
        {
            var values = rows.Columns[at];
            if (fits(values, row))
                continue;
            var found = string.Create(CultureInfo.InvariantCulture, $"{values.GetValue(row) ?? "null"} of type {Text(values.Field)}");
            var expected = $"a value that column of type {column.Type} holds exactly";
            why = new Rejection("schema", "type", values.Field.Name, found, expected, $"field '{values.Field.Name}': found {found}; expected {expected}; widen the column, or give the field a new name");
            return false;
        }

        return true;
    }

    /// <summary>What is written of rows that are accepted: the same rows, or without columns that the table cannot take and in which all are null.</summary>
    public ColumnBatch Project(ColumnBatch rows)
    {
        if (_written is null)
            return rows;
        var written = new ColumnBatch(_written);
        foreach (var column in written.Columns)
        {
            var source = rows.Find(column.Field.Name)!;
            for (var row = 0; row < rows.Count; row++)
                column.AppendFrom(source, row);
        }

        return written;
    }

    /// <summary>Types of one kind are held in the same column, and one may be written as the other.</summary>
    public static bool SameKind(Field left, Field right) => Kind(left.Type) == Kind(right.Type);

    /// <summary>A column as rows know it; null where they cannot hold it.</summary>
    private static Field? Target(SchemaField column) => column.Type.Kind switch
    {
        // Rows hold local times as they hold instants.
        DeltaTypeKind.TimestampNtz => new Field(column.Name, FieldType.Timestamp, column.Nullable),
        _ when column.Type is PrimitiveType or DecimalType && column.Type.Kind is not (DeltaTypeKind.Void or DeltaTypeKind.Variant) => FlatRows.ToRows("", new StructType([column])).Fields[0],
        _ => null,
    };

    private static bool IsFilled(SchemaField column) => column.Metadata.ContainsKey("delta.generationExpression") || column.Metadata.ContainsKey("delta.identity.start") || column.Metadata.ContainsKey("CURRENT_DEFAULT");

    private static Func<Column, int, bool> Check(Field field, Field? target) => (field.Type, target?.Type) switch
    {
        (FieldType.Int32, FieldType.Int64) or (FieldType.Float32, FieldType.Float64) => static (_, _) => true,
        (FieldType.Int64, FieldType.Int32) => static (column, row) => column.IsNull(row) || ((Int64Column)column)[row] is >= int.MinValue and <= int.MaxValue,
        (FieldType.Float64, FieldType.Float32) => static (column, row) => column.IsNull(row) || ((Float64Column)column)[row] is var value && (double.IsNaN(value) || (double)(float)value == value),
        (FieldType.Decimal, FieldType.Decimal) => (column, row) => column.IsNull(row) || IsHeld(((DecimalColumn)column)[row], target!),
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

    private static int Kind(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.Int64 => 0,
        FieldType.Float32 or FieldType.Float64 => 1,
        _ => 2 + (int)type,
    };

    private static string Text(Field field) => field.Type == FieldType.Decimal ? string.Create(CultureInfo.InvariantCulture, $"decimal({field.Precision},{field.Scale})") : field.Type.ToString();
}
