using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Json;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.State;

namespace RealTimeMesh.Sidecar.Outbox;

/// <summary>
/// The first half of the outbox: publishes each upsert of a transaction to the internal topic and adds a marker to the
/// transaction. Whoever reads the internal topic publishes on only what has its marker in the store.
/// </summary>
internal sealed class OutboxPublisher(ComponentCatalog catalog, SidecarOptions options, TimeProvider time, BrokerGate gate)
{
    private const string ProjectionKey = "outbox.projection";

    /// <summary>The operations that are stored.</summary>
    public static IReadOnlyList<StateTransactionOperation> WithoutProjections(IReadOnlyList<StateTransactionOperation> operations) =>
        operations.Any(IsProjection) ? [.. operations.Where(operation => !IsProjection(operation))] : operations;

    /// <summary>Publishes the upserts; returns the markers to store in the same transaction.</summary>
    public async Task<IReadOnlyList<StateOperation>> PublishAsync(
        StateComponent component,
        OutboxSettings settings,
        IReadOnlyList<StateTransactionOperation> operations,
        RequestTrace trace,
        CancellationToken cancellationToken)
    {
        var projections = new Dictionary<string, StateItemRequest>(StringComparer.Ordinal);
        foreach (var operation in operations.Where(IsProjection))
            projections[operation.Item.Key] = operation.Item;
        var markers = new List<StateOperation>();
        foreach (var operation in operations)
        {
            if (operation.Kind != StateOperationKind.Upsert || IsProjection(operation))
                continue;
            var id = $"outbox-{Guid.NewGuid()}";
            using (var data = new PooledBuffer(operation.Item.Value.Stored.Length + EventEnvelope.OverheadBytes))
            {
                Write(data, id, settings, component, operation.Item, projections.GetValueOrDefault(operation.Item.Key) ?? operation.Item, trace);
                // The broker may read it for longer than this call where it fails.
                await SendAsync(settings, data.WrittenMemory.ToArray(), cancellationToken);
            }

            markers.Add(new StateOperation(StateOperationKind.Upsert, id) { Value = "\"0\""u8.ToArray(), IsJson = true });
        }

        return markers;
    }

    private static bool IsProjection(StateTransactionOperation operation) =>
        operation.Kind == StateOperationKind.Upsert
        && operation.Item.Metadata.TryGetValue(ProjectionKey, out var text)
        && OutboxSettings.IsTruthy(text);

    private async Task SendAsync(OutboxSettings settings, byte[] data, CancellationToken cancellationToken)
    {
        try
        {
            var pubsub = catalog.PubSub(settings.PubSub) ?? throw new BrokerException($"pubsub '{settings.PubSub}' not found");
            var result = await gate.SendAsync(pubsub, settings.InternalTopic(options), [new OutgoingMessage(null, data, MessageHeaders.Empty)], bulk: false, isHttp: false, cancellationToken);
            if (!result.Succeeded)
                throw result.Failures[0].Error;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var cause = (exception as ApiException)?.InnerException ?? exception;
            throw new ApiException(PubSubErrors.Outbox(options.AppId, cause.Message), exception);
        }
    }

    private void Write(PooledBuffer output, string id, OutboxSettings settings, StateComponent component, StateItemRequest item, StateItemRequest source, RequestTrace trace)
    {
        var contentType = source.ContentType ?? source.Metadata.GetValueOrDefault("contentType") ?? "";
        var origin = new EventOrigin(settings.PubSub, "", options.AppId, "", trace.TraceState ?? "", time.GetUtcNow(), null);
        using var envelope = new PooledBuffer(source.Value.Stored.Length + EventEnvelope.OverheadBytes);
        EventEnvelope.Write(envelope, Data(component, source, contentType).Span, contentType, new Dictionary<string, string> { ["cloudevent.id"] = id }, origin);
        using var document = JsonDocument.Parse(GoUnicode.Repaired(envelope.WrittenMemory), GoJsonBody.Options);
        var writer = CloudEvents.WriterTo(output);
        writer.WriteStartObject();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!property.NameEquals("traceid"u8) && !item.Metadata.ContainsKey(property.Name) || property.Name is "data" or "id")
                property.WriteTo(writer);
        }

        if (!item.Metadata.ContainsKey("traceid"))
            writer.WriteString("traceid"u8, trace.TraceParent ?? CloudEvents.NoTrace);
        // The metadata of an operation become fields of its event.
        foreach (var (name, text) in item.Metadata)
        {
            if (name is not ("data" or "id"))
                writer.WriteString(name, text);
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>An encrypted store's events carry what is stored.</summary>
    private static ReadOnlyMemory<byte> Data(StateComponent component, StateItemRequest source, string contentType)
    {
        if (component.IsEncrypted)
            return component.Seal(source.Value);
        return source.Value.IsBinary || contentType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? source.Value.Stored : source.Value.Text;
    }
}
