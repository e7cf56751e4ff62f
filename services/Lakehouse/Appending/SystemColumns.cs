using System.Text;
using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>The columns every appended table has beside its own: id, source and place on the topic.</summary>
internal static class SystemColumns
{
    public const string IngestionDate = "ingestion_date";
    private const long MillisecondsPerDay = 86_400_000;

    public static IReadOnlyList<Field> Fields { get; } =
    [
        new("_id", FieldType.String, true),
        new("_source", FieldType.String, true),
        new("_topic", FieldType.String, true),
        new("_partition", FieldType.Int32, true),
        new("_offset", FieldType.Int64, true),
        new("_ingested_at", FieldType.Timestamp, true),
    ];

    /// <summary>Appends the columns from <paramref name="first"/> on, and the date where the table has it.</summary>
    public static void Append(ColumnBatch rows, int first, in DeliveredEvent item, string source, string topic, bool withDate)
    {
        var columns = rows.Columns;
        ((StringColumn)columns[first]).Append(Encoding.UTF8.GetString(item.Id.Span));
        ((StringColumn)columns[first + 1]).Append(source);
        ((StringColumn)columns[first + 2]).Append(topic);
        ((Int64Column)columns[first + 3]).Append(item.Partition);
        ((Int64Column)columns[first + 4]).Append(item.Offset);
        ((Int64Column)columns[first + 5]).Append(item.Timestamp * 1000);
        if (withDate)
            ((Int64Column)columns[first + 6]).Append(Math.DivRem(item.Timestamp, MillisecondsPerDay).Quotient);
    }
}
