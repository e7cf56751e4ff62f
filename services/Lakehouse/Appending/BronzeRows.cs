using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.Lakehouse.Tables;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>
/// Rows of a bronze table. They begin with the pipeline's contract and grow with the schemas that producers register: a field that a version
/// adds or widens is a column from its first event on, what a version does not have is its default, else null. Versions whose values do not fit into
/// one column with the earlier ones are refused, event by event.
/// </summary>
internal sealed class BronzeRows : IEventRows
{
    private readonly StreamDefinition _stream;
    private readonly SchemaRegistryClient _registry;
    private readonly ILogger _log;
    private readonly TextCache _sources = new();
    private readonly HashSet<int> _merged = [];
    private readonly Dictionary<int, SchemaMisfit> _misfits = [];
    private readonly HashSet<int> _told = [];
    private readonly bool _withDate;
    private volatile BronzeForm _form;
    private bool _started;

    public BronzeRows(StreamDefinition stream, SchemaRegistryClient registry, IReadOnlyList<string> partitionBy, ILogger log)
    {
        (_stream, _registry, _log) = (stream, registry, log);
        _withDate = partitionBy.Contains(SystemColumns.IngestionDate) && stream.Contract.Rows.IndexOf(SystemColumns.IngestionDate) < 0;
        _form = new BronzeForm(stream.Topic, ContractEvolution.Lenient(stream.Contract), registry, _withDate);
    }

    public RowSchema Schema => _form.Schema;

    public async ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken)
    {
        foreach (var id in Ids([events]))
            await _form.Decoder.PrepareAsync(id, cancellationToken);
    }

    public async ValueTask AdaptAsync(IEnumerable<IReadOnlyList<DeliveredEvent>> events, Snapshot? table, CancellationToken cancellationToken)
    {
        if (!_started)
            await AdoptAsync(table, cancellationToken);
        _started = true;
        var ids = Ids(events).ToList();
        foreach (var id in ids)
        {
            // Ids that the registry does not know have no schema: the decoder refuses them, and asks again later.
            if (!_merged.Contains(id) && _registry.FindFetched(id) is { } schema && Merge(id, schema, _ => true, table))
                _merged.Add(id);
        }

        foreach (var id in ids)
            await _form.Decoder.PrepareAsync(id, cancellationToken);
    }

    public bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out Rejection? why)
    {
        if (_misfits.Count > 0 && ConfluentFrame.TryRead(item.Payload.Span, out var id, out _) && _misfits.TryGetValue(id, out var misfit))
        {
            why = Rejection.Of(misfit, id);
            return false;
        }

        return _form.TryAppend(item, rows, _sources, out why);
    }

    /// <summary>After a restart, columns that the table got from a later version are filled as before: events of earlier ones have that version's defaults.</summary>
    private async ValueTask AdoptAsync(Snapshot? table, CancellationToken cancellationToken)
    {
        if (table is null || table.Schema.Fields.All(column => Schema.IndexOf(column.Name) >= 0))
            return;
        if (await _registry.FindLatestAsync($"{_stream.Topic}-value", cancellationToken) is { } latest)
            Merge(latest.Id, latest.Registered, field => table.Schema.Find(field.Name) is not null, table);
    }

    private bool Merge(int id, RegisteredSchema schema, Func<Field, bool> mayAdd, Snapshot? table)
    {
        _misfits.Remove(id);
        if (Parse(schema) is not { } writer)
            return false;
        if (Reserved(writer) is { } reserved)
        {
            _misfits[id] = reserved;
            return false;
        }

        var merged = ContractEvolution.Merge(_form.Contract, writer, mayAdd, (from, to) => MayWiden(from, to, table), (field, why) => LeftOut(id, field, why), out var misfit);
        if (merged is null)
        {
            _misfits[id] = misfit!;
            return false;
        }

        if (!ReferenceEquals(merged, _form.Contract))
            _form = new BronzeForm(_stream.Topic, merged, _registry, _withDate);
        return true;
    }

    /// <summary>Null where it cannot be read: the decoder says why for each event.</summary>
    private static AvroSchema? Parse(RegisteredSchema schema)
    {
        try
        {
            return schema.Parse();
        }
        catch (ContractException)
        {
            return null;
        }
    }

    private SchemaMisfit? Reserved(AvroSchema writer) =>
        writer is AvroRecord record && record.Fields.FirstOrDefault(field => _form.Contract.Rows.IndexOf(field.Name) < 0 && Schema.Fields.Any(own => string.Equals(own.Name, field.Name, StringComparison.OrdinalIgnoreCase) && _form.Contract.Rows.IndexOf(own.Name) < 0)) is { } taken
            ? new SchemaMisfit(taken.Name, "a name that the system's columns have", "another name", "rename the field")
            : null;

    /// <summary>Values of one kind go into a narrower column one by one; else the table must be able to follow.</summary>
    private static bool MayWiden(Field from, Field to, Snapshot? table)
    {
        if (table?.Schema.Find(from.Name) is not { } column || TableFit.SameKind(from, to))
            return true;
        var wanted = FlatRows.ToStruct(new RowSchema([to])).Fields[0].Type;
        return column.Type == wanted || (TableColumns.MayWiden(table, column) && SchemaEvolution.CanWiden(column.Type, wanted));
    }

    private void LeftOut(int id, string field, string why)
    {
        if (_told.Add(id))
            _log.FieldLeftOut(_stream.Topic, field, id, why);
    }

    /// <summary>The schema ids of events; neighbours mostly share one.</summary>
    private static HashSet<int> Ids(IEnumerable<IReadOnlyList<DeliveredEvent>> deliveries)
    {
        var ids = new HashSet<int>();
        var previous = -1;
        foreach (var events in deliveries)
        {
            foreach (var item in events)
            {
                if (!ConfluentFrame.TryRead(item.Payload.Span, out var id, out _) || id == previous)
                    continue;
                previous = id;
                ids.Add(id);
            }
        }

        return ids;
    }
}
