using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Rows of a bronze table: the contract's columns, then the system's.</summary>
internal sealed class BronzeRows : IEventRows
{
    private const long MinMicros = -62_135_596_800_000_000;
    private const long MaxMicros = 253_402_300_799_999_999;
    private const long MinDays = -719_162;
    private const long MaxDays = 2_932_896;

    private readonly ContractDecoder _decoder;
    private readonly TextCache _sources = new();
    private readonly string _topic;
    private readonly int _first;
    private readonly bool _withDate;
    private readonly int[] _times;

    public BronzeRows(StreamDefinition stream, ContractDecoder decoder, IReadOnlyList<string> partitionBy)
    {
        _decoder = decoder;
        _topic = stream.Topic;
        var fields = stream.Contract.Rows.Fields;
        _first = fields.Count;
        _withDate = partitionBy.Contains(SystemColumns.IngestionDate) && stream.Contract.Rows.IndexOf(SystemColumns.IngestionDate) < 0;
        _times = [.. Enumerable.Range(0, fields.Count).Where(i => fields[i].Type is FieldType.Date or FieldType.Timestamp)];
        // Nullable throughout: a later version of the contract may add or drop fields under the same table.
        List<Field> all = [.. fields.Select(field => field with { Nullable = true }), .. SystemColumns.Fields];
        if (_withDate)
            all.Add(new Field(SystemColumns.IngestionDate, FieldType.Date, true));
        Schema = new RowSchema(all);
    }

    public RowSchema Schema { get; }

    public async ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        var previous = -1;
        foreach (var item in events)
        {
            if (!ConfluentFrame.TryRead(item.Payload.Span, out var id, out _) || id == previous)
                continue;
            previous = id;
            if (!_decoder.IsPrepared(id))
                await _decoder.PrepareAsync(id, cancellationToken);
        }
    }

    public bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out string? error)
    {
        var row = rows.Columns[0].Count;
        if (!_decoder.TryDecode(item.Payload.Span, rows, out error))
            return false;
        foreach (var i in _times)
        {
            var column = (Int64Column)rows.Columns[i];
            if (column.IsNull(row))
                continue;
            var value = column[row];
            var isDate = column.Field.Type == FieldType.Date;
            if (value >= (isDate ? MinDays : MinMicros) && value <= (isDate ? MaxDays : MaxMicros))
                continue;
            error = $"field '{column.Field.Name}': found {value} {(isDate ? "days" : "microseconds")} since 1970; expected a time in the years 1 to 9999";
            for (var k = 0; k < _first; k++)
                rows.Columns[k].Truncate(row);
            return false;
        }

        SystemColumns.Append(rows, _first, item, _sources.Get(item.Source.Span), _topic, _withDate);
        return true;
    }
}
