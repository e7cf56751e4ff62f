using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using RealTimeMesh.Contracts;
using ArrowField = Apache.Arrow.Field;
using Column = RealTimeMesh.Contracts.Column;

namespace RealTimeMesh.DuckDb.Sources;

/// <summary>Batches of columns as Arrow's.</summary>
internal static class ColumnArrow
{
    public static IArrowArrayStream Stream(RowSchema schema, IReadOnlyList<ColumnBatch> batches)
    {
        var arrow = new Schema([.. schema.Fields.Select(field => new ArrowField(field.Name, TypeOf(field), true))], null);
        return new BatchStream(arrow, Batches(arrow, batches).GetAsyncEnumerator());
    }

    private static async IAsyncEnumerable<RecordBatch> Batches(Schema schema, IReadOnlyList<ColumnBatch> batches)
    {
        foreach (var batch in batches)
            yield return new RecordBatch(schema, batch.Columns.Select(Array), batch.Count);
        await Task.CompletedTask;
    }

    private static IArrowType TypeOf(Contracts.Field field) => field.Type switch
    {
        FieldType.Boolean => BooleanType.Default,
        FieldType.Int32 => Int32Type.Default,
        FieldType.Int64 => Int64Type.Default,
        FieldType.Float32 => FloatType.Default,
        FieldType.Float64 => DoubleType.Default,
        FieldType.String => StringType.Default,
        FieldType.Bytes => BinaryType.Default,
        FieldType.Date => Date32Type.Default,
        FieldType.Timestamp => new TimestampType(TimeUnit.Microsecond, "UTC"),
        _ => new Decimal128Type(field.Precision, field.Scale),
    };

    private static IArrowArray Array(Column column) => column.Field.Type switch
    {
        FieldType.Boolean => Fill(new BooleanArray.Builder(), column, (builder, value) => builder.Append((bool)value), builder => builder.AppendNull()).Build(),
        FieldType.Int32 => Numbers(column, Int32Type.Default, row => checked((int)((Int64Column)column)[row])),
        FieldType.Date => Numbers(column, Date32Type.Default, row => checked((int)((Int64Column)column)[row])),
        FieldType.Int64 => Numbers(column, Int64Type.Default, row => ((Int64Column)column)[row]),
        FieldType.Timestamp => Numbers(column, new TimestampType(TimeUnit.Microsecond, "UTC"), row => ((Int64Column)column)[row]),
        FieldType.Float32 => Numbers(column, FloatType.Default, row => (float)((Float64Column)column)[row]),
        FieldType.Float64 => Numbers(column, DoubleType.Default, row => ((Float64Column)column)[row]),
        FieldType.String => Fill(new StringArray.Builder(), column, (builder, value) => builder.Append((string)value), builder => builder.AppendNull()).Build(),
        FieldType.Bytes => Fill(new BinaryArray.Builder(), column, (builder, value) => builder.Append(((byte[])value).AsSpan()), builder => builder.AppendNull()).Build(),
        _ => Fill(new Decimal128Array.Builder(new Decimal128Type(column.Field.Precision, column.Field.Scale)), column, (builder, value) => builder.Append((decimal)value), builder => builder.AppendNull()).Build(),
    };

    private static T Fill<T>(T builder, Column column, Action<T, object> append, Action<T> appendNull)
    {
        for (var row = 0; row < column.Count; row++)
        {
            if (column.IsNull(row))
                appendNull(builder);
            else
                append(builder, column.GetValue(row)!);
        }

        return builder;
    }

    private static IArrowArray Numbers<T>(Column column, IArrowType type, Func<int, T> read)
        where T : struct
    {
        var values = new ArrowBuffer.Builder<T>(column.Count);
        var valid = new ArrowBuffer.BitmapBuilder(column.Count);
        for (var row = 0; row < column.Count; row++)
        {
            var isNull = column.IsNull(row);
            values.Append(isNull ? default : read(row));
            valid.Append(!isNull);
        }

        return ArrowArrayFactory.BuildArray(new ArrayData(type, column.Count, column.NullCount, 0, [valid.Build(), values.Build()]));
    }
}
