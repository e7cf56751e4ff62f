using System.Diagnostics;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Publishes for both APIs: wraps events as CloudEvents or leaves them raw, and hands them to the broker.</summary>
internal sealed class Publisher(ComponentCatalog catalog, SidecarOptions options, TimeProvider time, BrokerGate gate, SidecarTracing tracing)
{
    /// <summary>The component of a request, or the error that says what is wrong with it.</summary>
    /// <param name="metadata">The request's, told in errors; null where it has none.</param>
    /// <param name="isHttp">Over HTTP an unknown component is told with the request's metadata, over gRPC without.</param>
    public PubSubComponent Resolve(string pubsub, string topic, Dictionary<string, string>? metadata, bool isHttp)
    {
        if (pubsub.Length == 0)
            throw new ApiException(PubSubErrors.NameEmpty(metadata));
        var component = catalog.PubSub(pubsub) ?? throw new ApiException(PubSubErrors.NotFound(pubsub, isHttp ? metadata : null));
        if (topic.Length == 0)
            throw new ApiException(PubSubErrors.TopicEmpty(pubsub, metadata));
        return component;
    }

    public async Task PublishAsync(PubSubComponent component, PublishRequest request, CancellationToken cancellationToken)
    {
        var raw = PublishMetadata.IsRaw(component.Name, request.Metadata);
        using var activity = tracing.StartPublish(request.Topic, request.Trace.TraceParent, 1);
        var traceParent = activity?.Id ?? request.Trace.TraceParent;
        var envelope = raw ? null : Envelope(component, request, traceParent);
        if (raw && traceParent is not null)
            request.Metadata!.TryAdd(PublishMetadata.TraceParent, traceParent);
        var message = PublishMetadata.Message(envelope?.WrittenMemory ?? request.Data, request.Metadata);
        try
        {
            var result = await gate.SendAsync(component, request.Topic, [message], bulk: false, request.IsHttp, cancellationToken);
            if (!result.Succeeded)
                throw BrokerGate.Failure(component.Name, request.Topic, result.Failures[0].Error);
        }
        catch (ApiException)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }

        // Not after a failure or a cancelled wait: the broker may still read it.
        envelope?.Dispose();
    }

    /// <summary>Publishes a request that is still in its wire form: the hot path.</summary>
    public async Task<BulkPublishOutcome> PublishAsync(BulkPublishFrame frame, RequestTrace trace, CancellationToken cancellationToken)
    {
        var component = Resolve(frame.PubSub, frame.Topic, frame.Metadata, isHttp: false);
        var raw = PublishMetadata.IsRaw(frame.PubSub, frame.Metadata);
        if (!EntryIds.AreDistinct(frame))
            throw new ApiException(PubSubErrors.EntryIds(frame.PubSub, frame.Topic, options.AppId));
        using var activity = tracing.StartPublish(frame.Topic, frame.Metadata.GetValueOrDefault(PublishMetadata.TraceParent) ?? trace.TraceParent, frame.Entries.Count);
        var traceParent = activity?.Id ?? trace.TraceParent;
        if (raw && traceParent is not null)
            frame.Metadata.TryAdd(PublishMetadata.TraceParent, traceParent);
        var wrapped = raw ? null : Wrap(component, frame, traceParent, trace.TraceState);
        var messages = wrapped?.Messages() ?? new RawBulkEncoder(frame, frame.Metadata).Encode();
        var result = await gate.SendAsync(component, frame.Topic, messages, bulk: true, isHttp: false, cancellationToken);
        if (result.Succeeded)
            wrapped?.Dispose();
        return Outcome(result, activity, index => frame.Text(frame.Entry(index).Id));
    }

    public async Task<BulkPublishOutcome> PublishAsync(
        PubSubComponent component,
        string topic,
        IReadOnlyList<BulkPublishEntry> entries,
        Dictionary<string, string>? metadata,
        RequestTrace trace,
        CancellationToken cancellationToken)
    {
        var raw = PublishMetadata.IsRaw(component.Name, metadata);
        using var activity = tracing.StartPublish(topic, trace.TraceParent, entries.Count);
        var traceParent = activity?.Id ?? trace.TraceParent;
        var messages = new OutgoingMessage[entries.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var entry = entries[i];
            var merged = metadata is null ? entry.Metadata : new Dictionary<string, string>(metadata, StringComparer.Ordinal);
            if (metadata is not null)
            {
                foreach (var (name, text) in entry.Metadata)
                    merged[name] = text;
            }

            if (raw && traceParent is not null)
                merged.TryAdd(PublishMetadata.TraceParent, traceParent);
            messages[i] = PublishMetadata.Message(raw ? entry.Event : Wrap(component, topic, entry.Event, entry.ContentType, merged, traceParent, trace.TraceState), merged);
        }

        var result = await gate.SendAsync(component, topic, messages, bulk: true, isHttp: true, cancellationToken);
        return Outcome(result, activity, index => entries[index].Id);
    }

    private static BulkPublishOutcome Outcome(PublishResult result, Activity? activity, Func<int, string> entryId)
    {
        if (result.Succeeded)
            return BulkPublishOutcome.Success;
        activity?.SetStatus(ActivityStatusCode.Error);
        return new BulkPublishOutcome([.. result.Failures.Select(failure => new FailedEntry(entryId(failure.Index), failure.Error.Message))], result.Failures[0].Error);
    }

    private EnvelopeBatch Wrap(PubSubComponent component, BulkPublishFrame frame, string? traceParent, string? traceState)
    {
        var trace = new RequestTrace(traceParent, traceState);
        var batch = new EnvelopeBatch(frame.Entries.Count);
        for (var i = 0; i < frame.Entries.Count; i++)
        {
            var entry = frame.Entry(i);
            var metadata = frame.MergedMetadata(i);
            var request = new PublishRequest { Topic = frame.Topic, Data = frame.Memory(entry.Event), ContentType = frame.ContentType(entry), Metadata = metadata, Trace = trace };
            Envelope(batch.Output, component, request, traceParent);
            batch.Add(metadata);
        }

        return batch;
    }

    private byte[] Wrap(PubSubComponent component, string topic, ReadOnlyMemory<byte> data, string contentType, Dictionary<string, string> metadata, string? traceParent, string? traceState)
    {
        using var envelope = Envelope(
            component,
            new PublishRequest { Topic = topic, Data = data, ContentType = contentType, Metadata = metadata, Trace = new RequestTrace(traceParent, traceState) },
            traceParent);
        return envelope.WrittenSpan.ToArray();
    }

    private PooledBuffer Envelope(PubSubComponent component, in PublishRequest request, string? traceParent)
    {
        var output = new PooledBuffer(request.Data.Length + EventEnvelope.OverheadBytes);
        Envelope(output, component, request, traceParent);
        return output;
    }

    /// <summary>A buffer that is not given back because this throws is the collector's.</summary>
    private void Envelope(PooledBuffer output, PubSubComponent component, in PublishRequest request, string? traceParent)
    {
        var now = time.GetUtcNow();
        // A broker without a time to live of its own gets it as a field of the event.
        var expiration = component.Broker.Capabilities.MessageTtl ? null : EventTtl.Expiration(request.Metadata, now);
        var origin = new EventOrigin(component.Name, request.Topic, options.AppId, traceParent ?? CloudEvents.NoTrace, request.Trace.TraceState ?? "", now, expiration);
        if (!CloudEvents.IsCloudEvent(request.ContentType))
            EventEnvelope.Write(output, request.Data.Span, request.ContentType, request.Metadata, origin);
        else if (!EventCompletion.TryWrite(output, request.Data, origin, out var cause))
            throw new ApiException(PubSubErrors.CloudEventCreation(component.Name, options.AppId, cause));
    }
}
