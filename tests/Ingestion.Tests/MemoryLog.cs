using System.Text.Json;
using Grpc.Core;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A log in memory; a test may decide what becomes of each publish.</summary>
internal sealed class MemoryLog : IEventPublisher
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Stored>> _topics = [];

    /// <summary>Asked before each publish: returns the places that fail, or throws; null stores everything.</summary>
    public Func<string, IReadOnlyList<OutgoingEvent>, Task<IReadOnlyList<int>>>? OnPublish { get; set; }

    public async Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        var failing = OnPublish is { } decide ? await decide(topic, events).WaitAsync(cancellationToken) : [];
        lock (_lock)
        {
            if (!_topics.TryGetValue(topic, out var stored))
                _topics[topic] = stored = [];
            for (var i = 0; i < events.Count; i++)
            {
                if (!failing.Contains(i))
                    stored.Add(Of(envelope, events[i]));
            }
        }

        // As a sidecar does: which of them failed is not told.
        if (failing.Count > 0)
            throw new RpcException(new Status(StatusCode.Internal, $"error when publishing to topic {topic} in pubsub pubsub: partition offline"));
    }

    private static Stored Of(EventEnvelope envelope, OutgoingEvent item)
    {
        Dictionary<string, string> headers = new() { ["ce_source"] = envelope.Source };
        if (envelope.TraceParent is not null)
            headers["traceparent"] = envelope.TraceParent;
        foreach (var (name, value) in item.Headers ?? [])
            headers[name] = value;
        return new Stored(item.Key, item.Id, item.Sequence, headers["ce_source"], item.Payload.ToArray(), headers);
    }

    public IReadOnlyList<Stored> Read(string topic)
    {
        lock (_lock)
            return _topics.TryGetValue(topic, out var stored) ? [.. stored] : [];
    }

    public int Count(string topic)
    {
        lock (_lock)
            return _topics.TryGetValue(topic, out var stored) ? stored.Count : 0;
    }

    /// <summary>What a consumer sees that drops an event whose sequence it has passed for its source.</summary>
    public IReadOnlyList<Stored> ReadOnce(string topic)
    {
        Dictionary<string, long> passed = [];
        List<Stored> once = [];
        foreach (var item in Read(topic))
        {
            if (item.Sequence >= 0 && passed.TryGetValue(item.Source, out var last) && item.Sequence <= last)
                continue;
            passed[item.Source] = item.Sequence;
            once.Add(item);
        }

        return once;
    }

    /// <summary>Rows of a topic as text, in order.</summary>
    public static IEnumerable<string> Rows(IEnumerable<Stored> stored, AvroContract contract)
    {
        var batch = new ColumnBatch(contract.Rows);
        foreach (var item in stored)
        {
            Assert.True(ConfluentFrame.TryRead(item.Payload, out _, out var payload));
            Assert.True(contract.TryDecode(payload, batch, out var error), error);
            yield return string.Join('|', batch.Columns.Select(column => column.GetValue(batch.Count - 1) ?? "null"));
        }
    }

    internal sealed record Stored(string Key, string Id, long Sequence, string Source, byte[] Payload, Dictionary<string, string> Headers)
    {
        public JsonElement Json => JsonDocument.Parse(Payload).RootElement;

        public string Rule => Json.GetProperty("reason").GetProperty("rule").GetString()!;

        public byte[] Original => Json.GetProperty("original_base64").GetBytesFromBase64();
    }
}
