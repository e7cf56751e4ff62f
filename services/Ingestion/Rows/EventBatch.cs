using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.CloudEvents;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Rules;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>
/// The row path: rows are checked and encoded as they are added; what comes out is ready to publish, accepted events
/// for the topic and rejected ones for the dead letters, both in the order they came. Buffers are reused by
/// <see cref="Begin"/>. Not thread-safe.
/// </summary>
internal sealed class EventBatch : IDisposable
{
    /// <summary>Rows are encoded one by one and then only in the way; they are dropped in groups.</summary>
    private const int RowsKept = 256;

    private const int MaxRetainedEvents = 16_384;

    /// <summary>Columns, lists and writers of an empty batch.</summary>
    private const int FixedBytes = 8 * 1024;

    /// <summary>Columns at full length, by column, and what a column of texts remembers: neither is there for a few rows.</summary>
    private const int ColumnBytes = RowsKept * 16;

    private const int TextColumnBytes = 32 * 1024;

    private const int FewRows = 32;

    /// <summary>Key, id and place of a row, and its part in the lists.</summary>
    private const int RowBytes = 256;

    /// <summary>Reason, headers and place of a rejected row, beyond <see cref="RowBytes"/>.</summary>
    private const int RejectBytes = 512;

    private readonly StreamSpec _stream;
    private readonly IngestionOptions _options;
    private readonly IRowCheck? _check;
    private readonly JsonRowReader _json;
    private readonly Column _key;
    private readonly Int64Column? _time;
    private readonly long _columnBytes;
    private readonly PayloadBuffer _payloads = new(4 * 1024, 1024 * 1024);
    private readonly PayloadBuffer _rejectPayloads = new(1024, 256 * 1024);
    private readonly DeadLetterWriter _deadLetterWriter = new();
    private readonly List<Slot> _slots = [];
    private readonly List<Slot> _rejectSlots = [];
    private readonly List<OutgoingEvent> _events = [];
    private readonly List<OutgoingEvent> _deadLetters = [];
    private readonly List<RejectedRow> _rejected = [];
    private EventOrigin _origin = new("", "", null, false);
    private KeyValuePair<string, string>[]? _headers;
    private DateTimeOffset _receivedAt;
    private string? _traceId;
    private string? _traceParent;
    private DeliveredEvent? _delivered;
    private string? _deliveredType;
    private EventAttributes? _attributes;
    private long _attributeBytes;
    private RowRuleSet? _ruleSet;
    private RowRuleRun? _rules;

    public EventBatch(StreamSpec stream, IngestionOptions options, IRowCheck? check)
    {
        _stream = stream;
        _options = options;
        _check = check;
        _json = stream.Json;
        Rows = new ColumnBatch(stream.Contract.Rows);
        _key = Rows.Columns[stream.KeyOrdinal];
        _time = stream.TimeOrdinal < 0 ? null : Rows.Columns[stream.TimeOrdinal] as Int64Column;
        _columnBytes = Rows.Columns.Sum(column => column is StringColumn ? ColumnBytes + TextColumnBytes : (long)ColumnBytes);
        Builder = new RowBuilder(stream.Contract.Rows, Rows);
    }

    /// <summary>Where a typed source puts the fields of its next row, with <see cref="Builder"/>.</summary>
    public ColumnBatch Rows { get; }

    public RowBuilder Builder { get; }

    public EventOrigin Origin => _origin;

    public DateTimeOffset ReceivedAt => _receivedAt;

    public string? TraceParent => _traceParent;

    /// <summary>Memory it takes, bytes, nearly.</summary>
    public long Footprint =>
        FixedBytes + (_slots.Count > FewRows ? _columnBytes : 0) + _payloads.Capacity + _rejectPayloads.Capacity + (RowBytes * (long)Count) + (RejectBytes * (long)_rejectSlots.Count) + _attributeBytes;

    /// <summary>What its envelope would say, for events that are published together with others.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers =>
        _headers ??= _traceParent is null ? [new("ce_source", _origin.Source)] : [new("ce_source", _origin.Source), new("traceparent", _traceParent)];

    /// <summary>Events for the topic; complete after <see cref="Seal"/>.</summary>
    public IReadOnlyList<OutgoingEvent> Events => _events;

    /// <summary>Events for the dead letters; complete after <see cref="Seal"/>.</summary>
    public IReadOnlyList<OutgoingEvent> DeadLetters => _deadLetters;

    public IReadOnlyList<RejectedRow> Rejected => _rejected;

    /// <summary>Rows added, of either kind.</summary>
    public int Count => _slots.Count + _rejectSlots.Count;

    /// <summary>Bytes ready to publish.</summary>
    public int Bytes => _payloads.Length + _rejectPayloads.Length;

    /// <summary>Latest event time among the accepted rows, microseconds since 1970; <see cref="long.MinValue"/> where there is none.</summary>
    public long LatestTime { get; private set; }

    /// <summary>What its events have in common on a topic.</summary>
    public EventEnvelope Envelope(string topic, string contentType) => new(_origin.Source, topic, _receivedAt, contentType, _traceParent);

    /// <summary>Positions (in the request) of accepted events, in the order of <see cref="Events"/>.</summary>
    public long PositionOf(int index) => _slots[index].Position;

    public void Begin(EventOrigin origin, DateTimeOffset receivedAt, string? traceParent)
    {
        _origin = origin;
        _receivedAt = receivedAt;
        _traceId = TraceIds.Of(traceParent);
        _traceParent = traceParent;
        _headers = null;
        _payloads.Clear();
        _rejectPayloads.Clear();
        Clear(_slots);
        Clear(_rejectSlots);
        Clear(_events);
        Clear(_deadLetters);
        Clear(_rejected);
        Rows.Clear();
        Builder.Reset();
        LatestTime = long.MinValue;
        _attributeBytes = 0;
        if (!ReferenceEquals(_ruleSet, _stream.Rules))
            (_ruleSet, _rules) = (_stream.Rules, _stream.Rules?.Begin());
    }

    /// <summary>Lets what is added from here on come from a place of its own within the source, such as the next file.</summary>
    public void Continue(EventOrigin origin)
    {
        _origin = origin;
        // Rows of the place before may have come without the builder.
        Builder.Reset();
    }

    /// <summary>Adds an event given as a JSON object.</summary>
    public void AddJson(InputRecord record, long position, string? id = null)
    {
        if (record.Length > _options.MaxEventBytes)
            Reject(TooLarge(record.Length), record, position, id);
        else if (!_json.TryRead(record.Bytes, Rows, out var fault))
            Reject(From(fault), record, position, id);
        else
            AddRow(record, position, id);
    }

    /// <summary>As <see cref="AddJson(InputRecord, long, string?)"/>, of an event that was delivered from a topic; its place and headers are kept where it is rejected.</summary>
    public void AddJson(InputRecord record, in DeliveredEvent delivered, string? id = null)
    {
        _delivered = delivered;
        AddJson(record, delivered.Offset, id);
        _delivered = null;
    }

    /// <summary>Adds an event in another form than JSON; the form must be prepared for it.</summary>
    public void Add(IPayloadForm form, InputRecord record, long position, string? id = null)
    {
        if (record.Length > _options.MaxEventBytes)
            Reject(TooLarge(record.Length), record, position, id);
        else if (!form.TryAppend(record.Bytes, Rows, out var fault))
            Reject(From(fault), record, position, id);
        else
            AddRow(record, position, id);
    }

    /// <summary>As the other overload, of an event that was delivered from a topic; its place and headers are kept where it is rejected.</summary>
    public void Add(IPayloadForm form, InputRecord record, in DeliveredEvent delivered, string? id, string contentType)
    {
        _delivered = delivered;
        _deliveredType = contentType;
        Add(form, record, delivered.Offset, id);
        _deliveredType = null;
        _delivered = null;
    }

    /// <summary>Adds the data of a CloudEvent, in JSON where <paramref name="form"/> is null; the form must be prepared for it.</summary>
    public void Add(EventAttributes attributes, IPayloadForm? form, InputRecord data, long position)
    {
        _attributes = attributes;
        _attributeBytes += attributes.Footprint;
        if (form is null)
            AddJson(data, position, attributes.Id);
        else
            Add(form, data, position, attributes.Id);
        _attributes = null;
    }

    /// <summary>Adds the row that a source has just completed in <see cref="Rows"/>; <paramref name="original"/> is kept where it is rejected.</summary>
    public void AddRow(InputRecord original, long position, string? id = null)
    {
        if (!TryAddRow(position, out var reason, id))
            Reject(reason, original, position, id);
    }

    /// <summary>As <see cref="AddRow"/>; where the row is refused the caller makes its original and calls <see cref="Reject"/>.</summary>
    public bool TryAddRow(long position, out RejectReason reason, string? id = null)
    {
        var row = Rows.Count - 1;
        if ((_rules is not null && !Obeys(out reason)) || (_check is not null && !_check.Check(Rows, row, out reason)))
        {
            Rows.Truncate(row);
            Builder.Reset();
            return false;
        }

        reason = default;
        Encode(row, position, id);
        if (Rows.Count >= RowsKept)
        {
            Rows.Clear();
            Builder.Reset();
        }

        return true;
    }

    /// <summary>Adds an event to the dead letters.</summary>
    public void Reject(in RejectReason reason, InputRecord original, long position, string? id = null)
    {
        var start = _rejectPayloads.Length;
        WriteDeadLetter(reason, original, position);
        _rejectSlots.Add(new Slot(start, _rejectPayloads.Length - start, _origin.DeadLetterKey, id ?? IdOf(position), position, SequenceOf(position), null));
        _rejected.Add(new RejectedRow(position, reason));
    }

    public static RejectReason From(in RowFault fault) =>
        new(fault.Rule, fault.Field.Length == 0 ? null : fault.Field, fault.Found, fault.Expected);

    public RejectReason TooLarge(long length) => new(
        RowRules.Size,
        null,
        string.Create(CultureInfo.InvariantCulture, $"{length} bytes"),
        string.Create(CultureInfo.InvariantCulture, $"at most {_options.MaxEventBytes} bytes"));

    /// <summary>Makes <see cref="Events"/> and <see cref="DeadLetters"/>; nothing may be added afterwards.</summary>
    public void Seal()
    {
        _events.EnsureCapacity(_slots.Count);
        foreach (var slot in _slots)
            _events.Add(new OutgoingEvent(slot.Key, slot.Id, slot.Sequence, _payloads.Slice(slot.Start, slot.Length)) { Headers = slot.Headers });
        for (var i = 0; i < _rejectSlots.Count; i++)
        {
            var slot = _rejectSlots[i];
            _deadLetters.Add(new OutgoingEvent(slot.Key, slot.Id, slot.Sequence, _rejectPayloads.Slice(slot.Start, slot.Length)) { Headers = RejectHeaders(_rejected[i].Reason) });
        }
    }

    public void Dispose() => _deadLetterWriter.Dispose();

    /// <summary>Applies the contract's rules to the last row.</summary>
    private bool Obeys(out RejectReason reason)
    {
        reason = default;
        var outcome = _rules!.Apply(Rows, out var failure);
        if (outcome == RowRuleOutcome.Refused)
            reason = new RejectReason(failure.Rule, failure.Field, failure.Found, failure.Expected) { IsExpectation = true };
        else if (outcome == RowRuleOutcome.Changed)
            Builder.Reset();
        return outcome != RowRuleOutcome.Refused;
    }

    private void Encode(int row, long position, string? id)
    {
        var start = _payloads.Length;
        ConfluentFrame.WriteHeader(_payloads.GetSpan(ConfluentFrame.HeaderLength), _stream.SchemaId);
        _payloads.Advance(ConfluentFrame.HeaderLength);
        _stream.Contract.Encode(Rows, row, _payloads);
        _slots.Add(new Slot(start, _payloads.Length - start, KeyOf(row), id ?? IdOf(position), position, SequenceOf(position), _attributes?.Headers(_origin.Sequenced)));
        if (_time is not null && !_time.IsNull(row) && _time[row] > LatestTime)
            LatestTime = _time[row];
    }

    private void WriteDeadLetter(in RejectReason reason, InputRecord original, long position)
    {
        // Shortened here as well, so that the message repeats the value as it stands beside it.
        var found = DeadLetterWriter.Clip(reason.Found);
        var why = new DeadLetterReason(reason.Class, reason.Rule, reason.Field, found, reason.Expected, (reason with { Found = found }).Message);
        var origin = new DeadLetterOrigin(DeadLetterOrigin.Door, _stream.Topic) { Source = _origin.Source, Position = position < 0 ? null : _origin.First + position };
        var circumstances = new DeadLetterCircumstances(_receivedAt, _receivedAt) { ContentType = _deliveredType ?? _origin.ContentType, TraceId = _traceId };
        ReadOnlySpan<byte> headers = default;
        if (_attributes is { } attributes)
        {
            headers = attributes.Json();
            circumstances = circumstances with { ContentType = attributes.ContentType ?? ContentTypes.Json, TraceId = TraceIds.Of(attributes.TraceParent) ?? _traceId };
        }

        if (_delivered is { } item)
        {
            var redrive = Redrive.Of(item);
            headers = item.Metadata.Span;
            circumstances = circumstances with { Redrives = redrive.Count, RedriveOf = redrive.Letter };
            origin = origin with { Key = item.Header("__key"u8) };
            if (item.Offset >= 0)
                origin = origin with { Topic = _origin.Topic ?? _stream.Topic, Partition = item.Partition, Offset = item.Offset };
        }

        var sha256 = original.Sha256 is null ? null : Convert.ToHexStringLower(original.Sha256);
        _deadLetterWriter.Write(_rejectPayloads, why, origin, original.Bytes, sha256 is null ? null : original.Length, sha256, headers, circumstances);
    }

    private string KeyOf(int row) => _key switch
    {
        StringColumn text when !text.IsNull(row) => text[row],
        Int64Column number when !number.IsNull(row) => number[row].ToString(CultureInfo.InvariantCulture),
        _ => _key.GetValue(row)?.ToString() ?? "",
    };

    private string IdOf(long position) => _origin.IdPrefix is null
        ? _stream.Ids.Next()
        : string.Create(CultureInfo.InvariantCulture, $"{_origin.IdPrefix}{position}");

    private long SequenceOf(long position) => _origin.Sequenced ? _origin.First + position : -1;

    private static KeyValuePair<string, string>[] RejectHeaders(in RejectReason reason) =>
        [new("reason_rule", reason.Rule), new("reason_field", reason.Field ?? "")];

    /// <summary>Empties a list; one that a rare huge batch has grown is not kept at that size.</summary>
    private static void Clear<T>(List<T> list)
    {
        list.Clear();
        if (list.Capacity > MaxRetainedEvents)
            list.Capacity = MaxRetainedEvents;
    }

    private readonly record struct Slot(int Start, int Length, string Key, string Id, long Position, long Sequence, IReadOnlyList<KeyValuePair<string, string>>? Headers);
}
