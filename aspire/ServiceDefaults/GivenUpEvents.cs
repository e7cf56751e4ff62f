using System.Globalization;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// Makes dead letters of a consumer that applies events in order and in batches. Letters are sent before the batch is
/// stored, so that none is lost; a batch that fails afterwards comes again, and what this process has sent of it is not
/// sent again. After a crash it is: the letter has the same id, source and sequence then, by which consumers drop it.
/// Not thread-safe.
/// </summary>
public sealed class GivenUpEvents(IDeadLetterSink sink, string consumer, string topic, string deadLetterTopic, TimeProvider time)
{
    private readonly HashSet<(int Partition, long Offset)> _sent = [];
    private readonly List<OutgoingDeadLetter> _letters = [];

    /// <summary>Who gives events up.</summary>
    public string Consumer => consumer;

    /// <summary>Adds an event to what the next <see cref="SendAsync"/> sends. Its bytes are copied.</summary>
    public void Add(in DeliveredEvent item, in DeadLetterReason reason)
    {
        if (item.Offset >= 0 && _sent.Contains((item.Partition, item.Offset)))
            return;
        var headers = item.AllHeaders();
        var redrive = Redrive.Of(item);
        var placed = item.Offset >= 0;
        var origin = new DeadLetterOrigin(consumer, topic)
        {
            Source = item.SourceText,
            Position = item.Sequence >= 0 ? item.Sequence : null,
            Partition = placed ? item.Partition : null,
            Offset = placed ? item.Offset : null,
            Key = headers.GetValueOrDefault("__key"),
        };
        var record = new DeadLetterRecord
        {
            Reason = reason,
            Origin = origin,
            Original = item.Payload.ToArray(),
            ContentType = headers.GetValueOrDefault("content-type"),
            Headers = headers,
            ReceivedAt = item.Timestamp > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(item.Timestamp) : time.GetUtcNow(),
            FailedAt = time.GetUtcNow(),
            TraceId = TraceIds.Of(headers.GetValueOrDefault("traceparent")),
            Redrives = redrive.Count,
            RedriveOf = redrive.Letter,
        };
        _letters.Add(placed
            ? new OutgoingDeadLetter(record, string.Create(CultureInfo.InvariantCulture, $"{consumer}/{topic}/{item.Partition}/{item.Offset}"), string.Create(CultureInfo.InvariantCulture, $"{consumer}/{topic}/{item.Partition}")) { Sequence = item.Offset }
            : new OutgoingDeadLetter(record, $"{consumer}/{topic}/{item.IdText}", $"{consumer}/{topic}"));
    }

    /// <summary>Forgets what was added and not sent: the batch is begun anew.</summary>
    public void Clear() => _letters.Clear();

    /// <summary>Sends what was added. Throws where that fails: the batch must not be stored then.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_letters.Count == 0)
            return;
        await sink.SendAsync(deadLetterTopic, _letters, cancellationToken);
        foreach (var letter in _letters)
        {
            if (letter.Record.Origin is { Partition: { } partition, Offset: { } offset })
                _sent.Add((partition, offset));
        }

        _letters.Clear();
    }

    /// <summary>The batch is stored: its events do not come again.</summary>
    public void Stored() => _sent.Clear();
}
