using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>
/// Consumes every dead-letter topic by a group of its own into the store. The store keeps the position with the letters, or
/// knows them by their ids: what the broker delivers again is passed over. Topics that appear later are found.
/// </summary>
internal sealed class Collector(IPubSubBroker broker, IDeadLetterStore store, DeadLettersSetup setup, LetterMetrics metrics, ILogger<Collector> logger) : BackgroundService
{
    /// <summary>The consumer group.</summary>
    public const string Group = "dead-letters";

    private const int BatchLetters = 2_000;
    private const int BatchBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan BatchWait = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<string> _ofPipelines = [.. setup.Pipelines.SelectMany(pipeline => pipeline.Streams).Select(stream => stream.DeadLetterTopic)];
    private readonly LetterPlaces _places = new(broker.Capabilities);
    private readonly TopicLives _lives = new(broker, store, new LetterPlaces(broker.Capabilities), logger);
    private readonly Dictionary<string, IAsyncDisposable> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Topics that are collected.</summary>
    public IReadOnlyCollection<DeadLetterSource> Sources { get; private set; } = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await LookAsync(stoppingToken);
                await Task.Delay(setup.Options.TopicsEvery, setup.Time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
        finally
        {
            foreach (var subscription in _subscriptions.Values)
                await subscription.DisposeAsync();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var declared = await setup.Sources(cancellationToken);
            var named = await NamedAsync(cancellationToken);
            Sources = [.. declared.Concat(named.Select(topic => new DeadLetterSource(topic, null, null))).GroupBy(source => source.Topic, StringComparer.Ordinal).Select(Merge)];
            foreach (var source in Sources.Where(source => !_subscriptions.ContainsKey(source.Topic)))
            {
                if (_places.HasOffsets && broker.Capabilities.Positions)
                    await _lives.RewindAsync(source, Group, cancellationToken);
                var options = new SubscribeOptions { Topic = source.Topic, Group = Group, MaxBatchCount = BatchLetters, MaxBatchBytes = BatchBytes, MaxBatchWait = BatchWait };
                _subscriptions[source.Topic] = await broker.SubscribeAsync(options, CollectAsync, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is RealTimeMeshException or HttpRequestException or TimeoutException)
        {
            // Looked for again soon; what is collected already goes on.
            Log.TopicsNotFound(logger, exception.Message);
        }
    }

    /// <summary>Where the broker does not tell its topics, those that are named without <c>*</c> and <c>?</c>.</summary>
    private async Task<IEnumerable<string>> NamedAsync(CancellationToken cancellationToken) => broker.Capabilities.Positions
        ? (await broker.ListTopicsAsync(cancellationToken)).Where(topic => _ofPipelines.Contains(topic) || setup.Options.Topics.Any(glob => TopicGlob.Matches(glob, topic)))
        : _ofPipelines.Concat(setup.Options.Topics.Where(topic => topic.IndexOfAny(['*', '?']) < 0));

    private async Task<DeliveryResult> CollectAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var source = Sources.FirstOrDefault(source => source.Topic == batch.Topic) ?? new DeadLetterSource(batch.Topic, null, null);
        var letters = new LetterContent[batch.Messages.Count];
        try
        {
            var life = _places.HasOffsets ? await _lives.BaseOfAsync(source, batch, cancellationToken) : 0;
            for (var i = 0; i < letters.Length; i++)
            {
                var place = _places.Of(batch.Topic, batch.Partition, batch.Messages[i]);
                letters[i] = LetterReader.Read(source, place with { Offset = place.Offset + life }, batch.Messages[i]);
            }

            metrics.Collected(batch.Topic, await store.AddAsync(batch.Topic, letters[0].Place.Partition, letters, _places.HasOffsets ? batch.Messages[^1].Offset + 1 + life : 0, cancellationToken));
            return DeliveryResult.Acknowledged;
        }
        catch (RealTimeMeshException exception)
        {
            // The broker keeps them and brings them again: nothing is lost while the store cannot be written.
            Log.NotCollected(logger, letters.Length, batch.Topic, exception.Message);
            return DeliveryResult.RefuseAll(letters.Length);
        }
    }

    /// <summary>One topic that several subscriptions name has no single origin: then the messages themselves say.</summary>
    private static DeadLetterSource Merge(IGrouping<string, DeadLetterSource> named) => new(
        named.Key,
        Only(named.Select(source => source.OriginTopic)),
        Only(named.Select(source => source.Consumer)));

    private static string? Only(IEnumerable<string?> names) => names.OfType<string>().Distinct(StringComparer.Ordinal).ToArray() is [var one] ? one : null;
}
