using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Publishes for both APIs: wraps events as CloudEvents or leaves them raw, and hands them to the broker.</summary>
internal sealed class Publisher(
    ComponentCatalog catalog,
    SidecarOptions options,
    TimeProvider time,
    SidecarMetrics metrics,
    SidecarTracing tracing,
    ILogger<Publisher> logger)
{
    /// <summary>The component of a request, or the error that says what is wrong with it.</summary>
    public PubSubComponent Resolve(string pubsub, string topic)
    {
        if (pubsub.Length == 0)
            throw new ApiException(PubSubErrors.NameEmpty());
        var component = catalog.PubSub(pubsub) ?? throw new ApiException(PubSubErrors.NotFound(pubsub));
        if (topic.Length == 0)
            throw new ApiException(PubSubErrors.TopicEmpty(pubsub));
        return component;
    }

    public async Task PublishAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var component = Resolve(request.PubSub, request.Topic);
        var raw = PublishMetadata.IsRaw(request.PubSub, request.Metadata);
        using var activity = tracing.StartPublish(request.Topic, request.Trace.TraceParent, 1);
        var traceParent = activity?.Id ?? request.Trace.TraceParent;
        var value = raw ? request.Data : Envelope(component, request.Topic, request.Data, request.ContentType, request.Metadata, traceParent, request.Trace.TraceState);
        if (raw && traceParent is not null)
            request.Metadata.TryAdd(PublishMetadata.TraceParent, traceParent);
        var result = await SendAsync(component, request.Topic, [Message(value, request.Metadata)], bulk: false, cancellationToken);
        if (result.Succeeded)
            return;
        activity?.SetStatus(ActivityStatusCode.Error);
        throw Failure(component.Name, request.Topic, result.Failures[0].Error);
    }

    /// <summary>Publishes a request that is still in its wire form: the hot path. Returns the entries that failed.</summary>
    public async Task<IReadOnlyList<FailedEntry>> PublishAsync(BulkPublishFrame frame, RequestTrace trace, CancellationToken cancellationToken)
    {
        var component = Resolve(frame.PubSub, frame.Topic);
        if (!EntryIds.AreDistinct(frame))
            throw new ApiException(PubSubErrors.EntryIds(frame.PubSub, frame.Topic, options.AppId));
        var raw = PublishMetadata.IsRaw(frame.PubSub, frame.Metadata);
        using var activity = tracing.StartPublish(frame.Topic, frame.Metadata.GetValueOrDefault(PublishMetadata.TraceParent) ?? trace.TraceParent, frame.Entries.Count);
        var traceParent = activity?.Id ?? trace.TraceParent;
        if (raw && traceParent is not null)
            frame.Metadata.TryAdd(PublishMetadata.TraceParent, traceParent);
        var messages = raw ? new RawBulkEncoder(frame, frame.Metadata).Encode() : Wrap(component, frame, traceParent, trace.TraceState);
        var result = await SendAsync(component, frame.Topic, messages, bulk: true, cancellationToken);
        if (result.Succeeded)
            return [];
        activity?.SetStatus(ActivityStatusCode.Error);
        return [.. result.Failures.Select(failure => new FailedEntry(frame.Text(frame.Entry(failure.Index).Id), failure.Error.Message))];
    }

    public async Task<IReadOnlyList<FailedEntry>> PublishAsync(
        PubSubComponent component,
        string topic,
        IReadOnlyList<BulkPublishEntry> entries,
        Dictionary<string, string> metadata,
        RequestTrace trace,
        CancellationToken cancellationToken)
    {
        if (entries.Any(entry => entry.Id.Length == 0) || entries.DistinctBy(entry => entry.Id).Count() != entries.Count)
            throw new ApiException(PubSubErrors.EntryIds(component.Name, topic, options.AppId));
        var raw = PublishMetadata.IsRaw(component.Name, metadata);
        using var activity = tracing.StartPublish(topic, trace.TraceParent, entries.Count);
        var traceParent = activity?.Id ?? trace.TraceParent;
        var messages = new OutgoingMessage[entries.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var entry = entries[i];
            var merged = new Dictionary<string, string>(metadata, StringComparer.Ordinal);
            foreach (var (name, text) in entry.Metadata)
                merged[name] = text;
            if (raw && traceParent is not null)
                merged.TryAdd(PublishMetadata.TraceParent, traceParent);
            var value = raw ? entry.Event : Envelope(component, topic, entry.Event, entry.ContentType, merged, traceParent, trace.TraceState);
            messages[i] = Message(value, merged);
        }

        var result = await SendAsync(component, topic, messages, bulk: true, cancellationToken);
        return result.Succeeded ? [] : [.. result.Failures.Select(failure => new FailedEntry(entries[failure.Index].Id, failure.Error.Message))];
    }

    private OutgoingMessage[] Wrap(PubSubComponent component, BulkPublishFrame frame, string? traceParent, string? traceState)
    {
        var messages = new OutgoingMessage[frame.Entries.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var entry = frame.Entry(i);
            var metadata = frame.MergedMetadata(i);
            var data = entry.Event.In(frame.Buffer).ToArray();
            messages[i] = Message(Envelope(component, frame.Topic, data, frame.Text(entry.ContentType), metadata, traceParent, traceState), metadata);
        }

        return messages;
    }

    private byte[] Envelope(
        PubSubComponent component,
        string topic,
        ReadOnlyMemory<byte> data,
        string contentType,
        Dictionary<string, string> metadata,
        string? traceParent,
        string? traceState)
    {
        var now = time.GetUtcNow();
        var origin = new EventOrigin(component.Name, topic, options.AppId, traceParent ?? CloudEvents.NoTrace, traceState ?? "", now, Expiration(component, metadata, now));
        if (!CloudEvents.IsCloudEvent(contentType))
            return CloudEvents.Wrap(data, contentType, metadata, origin);
        return CloudEvents.PassThrough(data, origin, out var cause)
            ?? throw new ApiException(PubSubErrors.CloudEventCreation(component.Name, options.AppId, cause));
    }

    /// <summary>A broker without a time to live of its own gets it as the event's <c>expiration</c>.</summary>
    private static DateTimeOffset? Expiration(PubSubComponent component, Dictionary<string, string> metadata, DateTimeOffset now) =>
        !component.Broker.Capabilities.MessageTtl
        && metadata.TryGetValue(PublishMetadata.Ttl, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds is > 0 and <= int.MaxValue
            ? now.AddSeconds(seconds)
            : null;

    private static OutgoingMessage Message(ReadOnlyMemory<byte> value, Dictionary<string, string> metadata) =>
        new(PublishMetadata.KeyOf(metadata), value, MessageHeaders.From(metadata.Where(pair => !PublishMetadata.IsKey(pair.Key))));

    private async Task<PublishResult> SendAsync(PubSubComponent component, string topic, IReadOnlyList<OutgoingMessage> messages, bool bulk, CancellationToken cancellationToken)
    {
        if (!component.Scopes.MayPublish(topic))
            throw new ApiException(PubSubErrors.Forbidden(component.Name, topic, options.AppId));
        var started = time.GetTimestamp();
        try
        {
            var result = await component.Broker.PublishAsync(component.BrokerTopic(topic), messages, cancellationToken);
            metrics.Published(component.Name, topic, result.Succeeded, bulk, messages.Count - result.Failures.Count, time.GetElapsedTime(started));
            return result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            metrics.Published(component.Name, topic, success: false, bulk, 0, time.GetElapsedTime(started));
            if (exception is not BrokerOverloadedException)
                Log.PublishFailed(logger, exception, topic, component.Name);
            throw Failure(component.Name, topic, exception);
        }
    }

    private static ApiException Failure(string pubsub, string topic, Exception exception) =>
        new(
            exception is BrokerOverloadedException
                ? PubSubErrors.Overloaded(pubsub, topic, exception.Message)
                : PubSubErrors.PublishFailed(pubsub, topic, exception.Message),
            exception);
}
