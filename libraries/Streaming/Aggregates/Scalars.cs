using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>Values of one kind read, written as JSON and saved alike by several aggregates.</summary>
internal static class Scalars
{
    /// <summary>True where a value fits a cell as an integer.</summary>
    public static bool IsInteger(FieldType type) =>
        type is FieldType.Boolean or FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp;

    public static bool TryGetInteger(BoundExpression argument, ColumnBatch batch, int row, out long value)
    {
        if (argument.Type != FieldType.Boolean)
            return argument.TryGetInt64(batch, row, out value);
        var present = argument.TryGetBoolean(batch, row, out var flag);
        value = flag ? 1 : 0;
        return present;
    }

    public static void WriteInteger(Utf8JsonWriter json, FieldType type, bool isNull, long value)
    {
        if (isNull)
            json.WriteNullValue();
        else if (type == FieldType.Boolean)
            json.WriteBooleanValue(value != 0);
        else if (type == FieldType.Timestamp && EventTimes.IsInRange(value))
            json.WriteStringValue(EventTimes.Format(value));
        else if (type == FieldType.Date)
            json.WriteStringValue(EventTimes.FormatDay(value));
        else
            json.WriteNumberValue(value);
    }

    public static void AppendInteger(Column column, bool isNull, long value)
    {
        if (isNull)
            column.AppendNull();
        else if (column is BooleanColumn flags)
            flags.Append(value != 0);
        else
            ((Int64Column)column).Append(value);
    }

    public static void AppendNumber(Column column, bool isNull, double value)
    {
        if (isNull)
            column.AppendNull();
        else
            ((Float64Column)column).Append(value);
    }

    public static void AppendText(Column column, object? value)
    {
        if (value is string text)
            ((StringColumn)column).Append(text);
        else
            column.AppendNull();
    }

    public static void SaveText(BlobWriter blob, object? state)
    {
        blob.Byte(state is null ? (byte)0 : (byte)1);
        if (state is string text)
            blob.Text(text);
    }

    public static object? LoadText(ref BlobReader blob) => blob.Byte() == 0 ? null : blob.Text();
}
