using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>Reads a stream's event time from its rows: timestamps as they are, dates as their midnight UTC, plain long fields as microseconds since 1970.</summary>
internal sealed class EventTimeReader
{
    private readonly int _ordinal;
    private readonly long _factor;

    public EventTimeReader(StreamDefinition stream)
        : this(stream.Topic, stream.Contract.Rows, stream.Time.Field)
    {
    }

    public EventTimeReader(string topic, RowSchema schema, string timeField)
    {
        _ordinal = schema.IndexOf(timeField);
        if (_ordinal < 0)
            throw new StreamingException($"stream '{topic}': time field '{timeField}' is not in the contract; expected one of {string.Join(", ", schema.Fields.Select(field => field.Name))}; correct the stream's time.");
        var field = schema.Fields[_ordinal];
        _factor = field.Type switch
        {
            FieldType.Timestamp or FieldType.Int64 => 1,
            FieldType.Date => 86_400_000_000,
            _ => throw new StreamingException($"stream '{topic}': time field '{field.Name}' is of type {field.Type}; expected Timestamp, Date or Int64 (microseconds); choose another field."),
        };
    }

    /// <summary>Microseconds, or <see cref="BatchRows.NoTime"/> for NULL and times outside of <see cref="EventTimes.Earliest"/> to <see cref="EventTimes.Latest"/>.</summary>
    public long Read(ColumnBatch batch, int row)
    {
        var column = (Int64Column)batch.Columns[_ordinal];
        if (column.IsNull(row))
            return BatchRows.NoTime;
        var value = column[row];
        if (value < EventTimes.Earliest / _factor || value > EventTimes.Latest / _factor)
            return BatchRows.NoTime;
        return value * _factor;
    }
}
