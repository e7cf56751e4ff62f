using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>What rows of a bronze table look like while the contract stays as it is: the contract's columns, then the system's. Immutable.</summary>
internal sealed class BronzeForm
{
    private const long MinMicros = -62_135_596_800_000_000;
    private const long MaxMicros = 253_402_300_799_999_999;
    private const long MinDays = -719_162;
    private const long MaxDays = 2_932_896;

    private readonly string _topic;
    private readonly int _first;
    private readonly bool _withDate;
    private readonly int[] _times;

    public BronzeForm(string topic, AvroContract contract, SchemaRegistryClient registry, bool withDate)
    {
        Contract = contract;
        Decoder = new ContractDecoder(contract, registry);
        _topic = topic;
        _withDate = withDate;
        var fields = contract.Rows.Fields;
        _first = fields.Count;
        _times = [.. Enumerable.Range(0, fields.Count).Where(i => fields[i].Type is FieldType.Date or FieldType.Timestamp)];
        List<Field> all = [.. fields, .. SystemColumns.Fields];
        if (_withDate)
            all.Add(new Field(SystemColumns.IngestionDate, FieldType.Date, true));
        Schema = new RowSchema(all);
    }

    public AvroContract Contract { get; }

    public ContractDecoder Decoder { get; }

    public RowSchema Schema { get; }

    public bool TryAppend(in DeliveredEvent item, ColumnBatch rows, TextCache sources, out Rejection? why)
    {
        var row = rows.Columns[0].Count;
        if (!Decoder.TryDecode(item.Payload.Span, rows, out var error))
        {
            why = Rejection.Unreadable(error ?? "unreadable", item.Payload.Length, $"an event of contract {Contract.Name}");
            return false;
        }

        foreach (var i in _times)
        {
            var column = (Int64Column)rows.Columns[i];
            if (column.IsNull(row))
                continue;
            var value = column[row];
            var isDate = column.Field.Type == FieldType.Date;
            if (value >= (isDate ? MinDays : MinMicros) && value <= (isDate ? MaxDays : MaxMicros))
                continue;
            var found = $"{value} {(isDate ? "days" : "microseconds")} since 1970";
            why = new Rejection("poison", "time", column.Field.Name, found, "a time in the years 1 to 9999", $"field '{column.Field.Name}': found {found}; expected a time in the years 1 to 9999");
            for (var k = 0; k < _first; k++)
                rows.Columns[k].Truncate(row);
            return false;
        }

        SystemColumns.Append(rows, _first, item, sources.Get(item.Source.Span), _topic, _withDate);
        why = null;
        return true;
    }
}
