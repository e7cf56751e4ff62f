using System.Buffers;
using System.Globalization;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>A dead letter on its way.</summary>
/// <param name="Record">What is written.</param>
/// <param name="Id">CloudEvents id of the letter: the same whenever the same event is given up by the same consumer at the same place.</param>
/// <param name="Key">Key of the letter: letters of one key keep their order.</param>
public readonly record struct OutgoingDeadLetter(DeadLetterRecord Record, string Id, string Key)
{
    /// <summary>Place among the letters of <see cref="Key"/>, or -1 where they come in no order: consumers drop a letter whose place they have passed.</summary>
    public long Sequence { get; init; } = -1;
}

/// <summary>Where consumers put events that they give up.</summary>
public interface IDeadLetterSink
{
    /// <summary>Returns when all are stored; throws where they may not be, and the events must not be acknowledged then.</summary>
    Task SendAsync(string deadLetterTopic, IReadOnlyList<OutgoingDeadLetter> letters, CancellationToken cancellationToken);
}

/// <summary>Puts dead letters on their topic through the sidecar.</summary>
public sealed class DeadLetterPublisher(EventPublisher publisher, DeadLetterMetrics metrics, TimeProvider time) : IDeadLetterSink
{
    private const int MaxCallLetters = 2_000;

    public async Task SendAsync(string deadLetterTopic, IReadOnlyList<OutgoingDeadLetter> letters, CancellationToken cancellationToken)
    {
        List<OutgoingEvent> call = [];
        long bytes = 0;
        for (var i = 0; i < letters.Count; i++)
        {
            var item = Write(letters[i]);
            var length = PublishCallSize.Bound(item);
            if (call.Count > 0 && (call.Count == MaxCallLetters || bytes + length > PublishCallSize.MaxBytes))
            {
                await CallAsync(deadLetterTopic, call, cancellationToken);
                (call, bytes) = ([], 0);
            }

            call.Add(item);
            bytes += length;
        }

        if (call.Count > 0)
            await CallAsync(deadLetterTopic, call, cancellationToken);
        metrics.Sent(letters);
    }

    private static OutgoingEvent Write(in OutgoingDeadLetter letter)
    {
        using var writer = new DeadLetterWriter();
        var output = new ArrayBufferWriter<byte>(letter.Record.Original.Length * 4 / 3 + 1_024);
        writer.Write(output, letter.Record);
        var (reason, origin) = (letter.Record.Reason, letter.Record.Origin);
        List<KeyValuePair<string, string>> headers =
        [
            new("ce_source", $"/{origin.Consumer}/{origin.Topic}{(origin.Partition is { } partition ? string.Create(CultureInfo.InvariantCulture, $"/{partition}") : "")}"),
            new("reason_rule", reason.Rule),
            new("reason_field", reason.Field ?? ""),
        ];
        if (letter.Record.Headers?.GetValueOrDefault("traceparent") is { Length: > 0 } trace)
            headers.Add(new("traceparent", trace));
        return new OutgoingEvent(letter.Key, letter.Id, letter.Sequence, output.WrittenMemory) { Headers = headers };
    }

    private Task CallAsync(string topic, List<OutgoingEvent> events, CancellationToken cancellationToken) =>
        publisher.PublishAsync(topic, new EventEnvelope($"/{topic}", topic, time.GetUtcNow(), "application/json", null), events, cancellationToken);
}
