using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Rows of the quarantine table: events of a stream's topic that could not become rows of their table, with the reason and their bytes.</summary>
internal static class QuarantineRows
{
    private static readonly IReadOnlyList<Field> s_fields =
    [
        new("stream", FieldType.String, true),
        new("reason_class", FieldType.String, true),
        new("reason_rule", FieldType.String, true),
        new("reason_field", FieldType.String, true),
        new("found", FieldType.String, true),
        new("expected", FieldType.String, true),
        new("error", FieldType.String, true),
        new("original", FieldType.Bytes, true),
    ];

    public static RowSchema TableSchema { get; } = new([.. s_fields, .. SystemColumns.Fields]);

    public static IReadOnlyList<string> PartitionBy { get; } = ["stream"];

    public static void Append(ColumnBatch rows, string stream, string topic, Rejection why, in DeliveredEvent item)
    {
        Text(rows, 0, stream);
        Text(rows, 1, why.Class);
        Text(rows, 2, why.Rule);
        Text(rows, 3, why.Field);
        Text(rows, 4, why.Found);
        Text(rows, 5, why.Expected);
        Text(rows, 6, why.Message);
        ((BytesColumn)rows.Columns[7]).Append(item.Payload.ToArray());
        SystemColumns.Append(rows, s_fields.Count, item, item.SourceText, topic, withDate: false);
    }

    private static void Text(ColumnBatch rows, int column, string? value)
    {
        if (value is null)
            rows.Columns[column].AppendNull();
        else
            ((StringColumn)rows.Columns[column]).Append(value);
    }
}
