using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Json;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Outbox;

/// <summary>
/// The second half of the outbox: takes events from the internal topic, waits for their markers in the store, publishes
/// them to their topic and removes the markers.
/// </summary>
internal sealed class OutboxRelay(string storeName, OutboxSettings settings, ComponentCatalog catalog, TimeProvider time, BrokerGate gate, ILogger logger, CancellationToken stopping)
{
    /// <summary>
    /// How often an event without a marker comes again. Its transaction was refused, or it was published before a crash:
    /// a broker that keeps order would hold back all that follows for ever.
    /// </summary>
    private const int MaxRejections = 3;

    private const int MaxRememberedEvents = 10_000;

    /// <summary>daprd waits one second, then asks for ten.</summary>
    private static readonly TimeSpan MarkerWait = TimeSpan.FromSeconds(11);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, int> _rejections = new(StringComparer.Ordinal);

    /// <summary>Handles a batch; all of it comes again where the relay stops meanwhile.</summary>
    public async Task<DeliveryResult> HandleAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        try
        {
            return await RelayAsync(batch, linked.Token);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return DeliveryResult.RefuseAll(batch.Messages.Count);
        }
    }

    /// <summary>The markers are looked for at once; events are published in their order.</summary>
    private async Task<DeliveryResult> RelayAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + MarkerWait;
        var searches = new Task<MarkerSearch>[batch.Messages.Count];
        for (var i = 0; i < searches.Length; i++)
            searches[i] = FindAsync(batch.Messages[i].Value, deadline, cancellationToken);
        List<int>? refused = null;
        for (var i = 0; i < searches.Length; i++)
        {
            if (!await RelayAsync(batch.Messages[i].Value, await searches[i], cancellationToken))
                (refused ??= []).Add(i);
        }

        return refused is null ? DeliveryResult.Acknowledged : new DeliveryResult(refused);
    }

    /// <summary>False where the event must come again.</summary>
    private async Task<bool> RelayAsync(ReadOnlyMemory<byte> value, MarkerSearch search, CancellationToken cancellationToken)
    {
        if (search.Fault is { } fault)
            return IsGivenUp(search, fault);
        try
        {
            await PublishAsync(value, cancellationToken);
            await RemoveAsync(search.Store!, search.Id, cancellationToken);
            _rejections.TryRemove(search.Id, out _);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.OutboxFailed(logger, exception, settings.PublishTopic, settings.PublishPubSub);
            return false;
        }
    }

    private bool IsGivenUp(MarkerSearch search, string fault)
    {
        if (_rejections.Count >= MaxRememberedEvents)
            _rejections.Clear();
        var isGivenUp = settings.DiscardWhenMissingState || search.Id.Length == 0
            || (search.Store is not null && _rejections.AddOrUpdate(search.Id, 1, (_, times) => times + 1) > MaxRejections);
        if (isGivenUp)
        {
            _rejections.TryRemove(search.Id, out _);
            Log.OutboxDiscarded(logger, settings.PublishPubSub, fault);
        }
        else
        {
            Log.OutboxRejected(logger, settings.PublishPubSub, fault);
        }

        return isGivenUp;
    }

    private async Task<MarkerSearch> FindAsync(ReadOnlyMemory<byte> value, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        if (IdOf(value) is not { Length: > 0 } id)
            return new MarkerSearch("", null, "found an event without id; expected one of an outbox");
        var pause = FirstPause;
        while (true)
        {
            string fault;
            // Kept only where the store has said that there is no marker.
            var store = catalog.StateStore(storeName);
            try
            {
                if (store is null)
                    fault = $"cannot get outbox state: state store {storeName} not found";
                else if (await store.Store.GetAsync(id, cancellationToken) is { Value.IsEmpty: false })
                    return new MarkerSearch(id, store, null);
                else
                    fault = $"cannot publish outbox message to topic {settings.PublishTopic} with pubsub {settings.PublishPubSub}: outbox state not found";
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fault = exception.Message;
                store = null;
            }

            if (time.GetUtcNow() >= deadline)
                return new MarkerSearch(id, store, fault);
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task PublishAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var pubsub = catalog.PubSub(settings.PublishPubSub) ?? throw new BrokerException($"pubsub '{settings.PublishPubSub}' not found");
        using var document = JsonDocument.Parse(GoUnicode.Repaired(value), GoJsonBody.Options);
        using var output = new PooledBuffer(value.Length + 256);
        var writer = CloudEvents.WriterTo(output);
        writer.WriteStartObject();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!property.NameEquals("topic"u8) && !property.NameEquals("pubsubname"u8))
                property.WriteTo(writer);
        }

        writer.WriteString("topic"u8, settings.PublishTopic);
        writer.WriteString("pubsubname"u8, settings.PublishPubSub);
        writer.WriteEndObject();
        writer.Flush();
        var result = await gate.SendAsync(pubsub, settings.PublishTopic, [new OutgoingMessage(null, output.WrittenMemory.ToArray(), MessageHeaders.Empty)], bulk: false, isHttp: false, cancellationToken);
        if (!result.Succeeded)
            throw result.Failures[0].Error;
    }

    private async Task RemoveAsync(StateComponent store, string id, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        var deadline = time.GetUtcNow() + MarkerWait;
        while (true)
        {
            try
            {
                await store.Store.WriteAsync(new StateOperation(StateOperationKind.Delete, id), cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException && time.GetUtcNow() < deadline)
            {
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private static string? IdOf(ReadOnlyMemory<byte> value)
    {
        try
        {
            using var document = JsonDocument.Parse(GoUnicode.Repaired(value), GoJsonBody.Options);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Where the marker of an event is, or why it was not found; then with the store that has none, null where the store gave no answer.</summary>
    private sealed record MarkerSearch(string Id, StateComponent? Store, string? Fault);
}
