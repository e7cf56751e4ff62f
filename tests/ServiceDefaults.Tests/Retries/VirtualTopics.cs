using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults.Retries;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

/// <summary>
/// A retried topic and its tiers over logs in memory, in virtual time. What is delivered, fails, or is cut off by a "crash" is
/// what the test says.
/// </summary>
internal sealed class VirtualTopics : IRetryPublisher, IDeadLetterSink, IKeyWaitStore, IDisposable
{
    public const string Topic = "shop.orders";
    private const int Partitions = 3;

    private readonly Dictionary<string, List<Stored>[]> _logs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Topic, int Partition), int> _positions = [];
    private readonly Dictionary<string, (byte[] Json, int Version)> _waits = new(StringComparer.Ordinal);
    private readonly RetryMetrics _metrics;
    private string _epoch = "first";
    private RetriedTopic _consumer;
    private readonly RetryOptions _options;
    private CancellationTokenSource _process = new();

    public VirtualTopics(RetryOptions options)
    {
        _options = options with { MaxHold = TimeSpan.Zero };
        _metrics = new RetryMetrics(Clock);
        _consumer = NewConsumer();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    /// <summary>What the handler says of a text; default success.</summary>
    public Func<string, Handled> Say { get; set; } = _ => Handled.Success;

    /// <summary>What the handler was given, with the time in seconds since the start.</summary>
    public List<(string Text, double Second)> Tried { get; } = [];

    public List<DeadLetterRecord> Letters { get; } = [];

    public IReadOnlyList<RetryTier> Tiers => _consumer.Tiers;

    /// <summary>Fails a publish to a topic, before or after it is stored; null for neither.</summary>
    public Func<string, (bool Stored, Exception Fault)?> OnPublish { get; set; } = _ => null;

    /// <summary>Fails the saving of keys, before or after; null for neither.</summary>
    public Func<(bool Stored, Exception Fault)?> OnSave { get; set; } = () => null;

    /// <summary>Largest batch that a delivery carries.</summary>
    public int MaxBatch { get; set; } = 100;

    /// <summary>As brokers do that know a batch only as a whole.</summary>
    public bool RedeliversWholeBatches { get; set; }

    public int Waits => _waits.Count;

    public void Publish(string key, params string[] texts)
    {
        foreach (var text in texts)
            Append(Topic, new RetriedEvent(key, Encoding.UTF8.GetBytes(text), [new("ce_id", $"id-{text}"), new("ce_source", "/shop"), new("content-type", "text/plain")]));
    }

    /// <summary>The process ends in the middle of whatever it does. Memory is gone; logs, positions and the store are not.</summary>
    public void Kill() => _process.Cancel();

    public void Dispose()
    {
        _process.Dispose();
        _metrics.Dispose();
    }

    /// <summary>The store has lost everything.</summary>
    public void LoseStore()
    {
        _waits.Clear();
        _epoch += "'";
    }

    public int Depth(string topic) => _logs.TryGetValue(topic, out var logs) ? logs.Select((log, i) => log.Count - _positions.GetValueOrDefault((topic, i))).Sum() : 0;

    /// <summary>Delivers what lies there, once for each partition of each topic, from the topic itself to the longest tier.</summary>
    public async Task PumpAsync()
    {
        await PumpAsync(Topic, null);
        foreach (var tier in _consumer.Tiers)
            await PumpAsync(tier.Topic, tier);
    }

    /// <summary>Pumps, second by second.</summary>
    public async Task RunAsync(TimeSpan time, double step = 1)
    {
        for (var end = Clock.GetUtcNow() + time; Clock.GetUtcNow() < end;)
        {
            while (await PumpOnceAsync())
            {
            }

            Clock.Advance(TimeSpan.FromSeconds(step));
        }
    }

    public Task PublishAsync(string topic, IReadOnlyList<RetriedEvent> events, CancellationToken cancellationToken)
    {
        var fault = OnPublish(topic);
        if (fault is null or { Stored: true })
        {
            foreach (var item in events)
                Append(topic, item);
        }

        return fault is null ? Task.CompletedTask : Task.FromException(fault.Value.Fault);
    }

    public Task SendAsync(string deadLetterTopic, IReadOnlyList<OutgoingDeadLetter> letters, CancellationToken cancellationToken)
    {
        Assert.Equal($"{Topic}.dlq", deadLetterTopic);
        if (OnPublish(deadLetterTopic) is { } fault)
            return Task.FromException(fault.Fault);
        Letters.AddRange(letters.Select(letter => letter.Record));
        return Task.CompletedTask;
    }

    public Task<(string Epoch, IReadOnlyList<KeyWaits> Waits)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Task.FromResult<(string, IReadOnlyList<KeyWaits>)>((_epoch, [.. keys.Select(key => _waits.TryGetValue(key, out var item) ? KeyWaits.Read(item.Json, $"{item.Version}") : KeyWaits.Read(default, null))]));

    public Task<bool> SaveAsync(IReadOnlyList<(string Key, KeyWaits Waits)> changed, CancellationToken cancellationToken)
    {
        var fault = OnSave();
        if (fault is { Stored: false })
            return Task.FromException<bool>(fault.Value.Fault);
        if (changed.Any(item => item.Waits.ETag != (_waits.TryGetValue(item.Key, out var known) ? $"{known.Version}" : null)))
            return Task.FromResult(false);
        foreach (var (key, waits) in changed)
        {
            if (waits.Count == 0)
                _waits.Remove(key);
            else
                _waits[key] = (waits.Write(), _waits.GetValueOrDefault(key).Version + 1);
        }

        return fault is null ? Task.FromResult(true) : Task.FromException<bool>(fault.Value.Fault);
    }

    private async Task<bool> PumpOnceAsync()
    {
        var before = (Tried.Count, Total());
        await PumpAsync();
        return before != (Tried.Count, Total());
    }

    private int Total() => _logs.Keys.Sum(Depth);

    private async Task PumpAsync(string topic, RetryTier? tier)
    {
        for (var partition = 0; partition < Partitions; partition++)
        {
            var log = LogsOf(topic)[partition];
            var first = _positions.GetValueOrDefault((topic, partition));
            List<DeliveredEvent> batch = [.. log.Skip(first).Take(MaxBatch).Select((item, i) => Event(topic, partition, first + i, item))];
            if (batch.Count == 0)
                continue;
            IReadOnlyList<DeliveryStatus> statuses;
            try
            {
                statuses = await _consumer.HandleAsync(batch, tier, _process.Token);
            }
            catch (Exception) when (_process.IsCancellationRequested)
            {
                _process.Dispose();
                _process = new CancellationTokenSource();
                _consumer = NewConsumer();
                continue;
            }
            catch (IOException)
            {
                continue;
            }

            var done = statuses.TakeWhile(status => status == DeliveryStatus.Success).Count();
            if (!RedeliversWholeBatches || done == batch.Count)
                _positions[(topic, partition)] = first + done;
        }
    }

    private RetriedTopic NewConsumer() => new(Topic, "billing", _options, HandleAsync, new RetryParts(this, this, _metrics, Clock, NullLogger.Instance) { Waits = this });

    private Task<Handled> HandleAsync(DeliveredEvent item, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(item.Payload.Span);
        Tried.Add((text, (Clock.GetUtcNow() - Clock.Start).TotalSeconds));
        return Task.FromResult(Say(text));
    }

    private void Append(string topic, in RetriedEvent item) => LogsOf(topic)[Math.Abs(item.Key.Sum(c => c)) % Partitions].Add(new Stored(item.Key, item.Payload.ToArray(), [.. item.Headers], Clock.GetUtcNow().ToUnixTimeMilliseconds()));

    private List<Stored>[] LogsOf(string topic)
    {
        if (!_logs.TryGetValue(topic, out var logs))
            _logs[topic] = logs = [.. Enumerable.Range(0, Partitions).Select(_ => new List<Stored>())];
        return logs;
    }

    private static DeliveredEvent Event(string topic, int partition, int offset, Stored item)
    {
        var metadata = item.Headers.ToDictionary(header => header.Key, header => header.Value);
        (metadata["__topic"], metadata["__partition"], metadata["__offset"]) = (topic, $"{partition}", $"{offset}");
        if (item.Key.Length > 0)
            metadata["__key"] = item.Key;
        return new DeliveredEvent
        {
            EntryId = Encoding.UTF8.GetBytes($"{offset}"),
            Payload = item.Value,
            Id = Encoding.UTF8.GetBytes(metadata["ce_id"]),
            Source = Encoding.UTF8.GetBytes(metadata["ce_source"]),
            Sequence = -1,
            Partition = partition,
            Offset = offset,
            Timestamp = item.Timestamp,
            Metadata = JsonSerializer.SerializeToUtf8Bytes(metadata),
        };
    }

    private sealed record Stored(string Key, byte[] Value, KeyValuePair<string, string>[] Headers, long Timestamp);
}
