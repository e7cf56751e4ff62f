using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Rows of the quarantine table: events of a stream's topic that could not be decoded, with their bytes.</summary>
internal static class QuarantineRows
{
    private static readonly IReadOnlyList<Field> s_fields =
    [
        new("stream", FieldType.String, true),
        new("error", FieldType.String, true),
        new("original", FieldType.Bytes, true),
    ];

    public static RowSchema TableSchema { get; } = new([.. s_fields, .. SystemColumns.Fields]);

    public static IReadOnlyList<string> PartitionBy { get; } = ["stream"];

    public static void Append(ColumnBatch rows, string stream, string topic, string error, in DeliveredEvent item)
    {
        ((StringColumn)rows.Columns[0]).Append(stream);
        ((StringColumn)rows.Columns[1]).Append(error);
        ((BytesColumn)rows.Columns[2]).Append(item.Payload.ToArray());
        SystemColumns.Append(rows, s_fields.Count, item, item.SourceText, topic, withDate: false);
    }
}
