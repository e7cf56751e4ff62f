using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Outbox;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State for both APIs: prefixes keys, bounds and checks requests, tells the store's outcomes as Dapr's errors.</summary>
internal sealed class StateService(
    ComponentCatalog catalog,
    SidecarOptions options,
    TimeProvider time,
    OutboxPublisher outbox,
    ResiliencyProvider resiliency,
    SidecarMetrics metrics,
    ILogger<StateService> logger)
{
    public StateComponent Resolve(string store)
    {
        if (!catalog.HasStateStores)
            throw new ApiException(StateErrors.NotConfigured(store, options.AppId));
        return catalog.StateStore(store) ?? throw new ApiException(StateErrors.NotFound(store, options.AppId));
    }

    public async Task<StateItem?> GetAsync(StateComponent component, StateRead read, CancellationToken cancellationToken)
    {
        CheckKey(component, read.Key);
        var stored = read with { Key = component.Key(read.Key) };
        var item = await RunAsync(
            component,
            "get",
            token => component.Store is IRequestStateStore store ? store.ReadAsync(stored, token) : component.Store.GetAsync(stored.Key, token),
            cause => StateErrors.Get(component.Name, read.Key, cause),
            cancellationToken);
        try
        {
            return component.Open(item);
        }
        catch (StateEncryptionException exception)
        {
            throw new ApiException(StateErrors.Get(component.Name, read.Key, exception.Message), exception);
        }
    }

    /// <summary>The items in the order of the keys; one with an error could not be read.</summary>
    public async Task<IReadOnlyList<StateItem?>> BulkGetAsync(StateComponent component, IReadOnlyList<string> keys, IReadOnlyDictionary<string, string> metadata, int parallelism, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
            CheckKey(component, key);
        if (keys.Count == 0)
            return [];
        var items = await RunAsync(component, "bulk_get", token => ReadManyAsync(component, keys, metadata, parallelism, token), StateErrors.BulkGet, cancellationToken);
        return component.IsEncrypted ? [.. items.Select(item => OpenOrTell(component, item))] : items;
    }

    public Task SaveAsync(StateComponent component, IReadOnlyList<StateItemRequest> items, CancellationToken cancellationToken) =>
        WriteAsync(component, "set", StateOperationKind.Upsert, items, (_, cause) => StateErrors.Save(component.Name, cause), cancellationToken);

    public Task DeleteAsync(StateComponent component, StateItemRequest item, CancellationToken cancellationToken) =>
        WriteAsync(component, "delete", StateOperationKind.Delete, [item], StateErrors.Delete, cancellationToken);

    public Task BulkDeleteAsync(StateComponent component, IReadOnlyList<StateItemRequest> items, CancellationToken cancellationToken) =>
        WriteAsync(component, "bulk_delete", StateOperationKind.Delete, items, (_, cause) => StateErrors.BulkDelete(component.Name, cause), cancellationToken);

    public static void CheckTransactional(StateComponent component)
    {
        if (!component.Store.Capabilities.Transactional)
            throw new ApiException(StateErrors.TransactionsNotSupported(component.Name));
    }

    public async Task TransactAsync(StateComponent component, IReadOnlyList<StateTransactionOperation> operations, RequestTrace trace, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
            return;
        foreach (var operation in operations)
            CheckKey(component, operation.Item.Key, isTransaction: true);
        var limit = component.Store.Capabilities.MaxTransactionOperations;
        if (limit > 0 && operations.Count > limit)
            throw new ApiException(StateErrors.TooManyOperations(component.Name, operations.Count, limit));
        var prepared = new List<StateOperation>(operations.Count);
        IReadOnlyList<StateTransactionOperation> kept = component.Outbox is null ? operations : OutboxPublisher.WithoutProjections(operations);
        try
        {
            foreach (var operation in kept)
                prepared.Add(operation.Item.ToOperation(operation.Kind, component));
        }
        catch (StateRequestException exception)
        {
            throw new ApiException(StateErrors.Transaction(exception.Message), exception);
        }

        if (component.Outbox is { } settings)
            prepared.AddRange(await outbox.PublishAsync(component, settings, operations, trace, cancellationToken));
        // A transaction fails with one status whatever its cause.
        var written = await RunAsync(
            component,
            "transaction",
            token => component.Store.TransactAsync(prepared, token),
            StateErrors.Transaction,
            cancellationToken,
            keepsOwnStatus: false);
        if (written.Outcome != StateWriteOutcome.Applied)
            throw new ApiException(StateErrors.Transaction(StateConflicts.Text(written)));
    }

    public async Task<StateQueryPage> QueryAsync(StateComponent component, ReadOnlyMemory<byte> query, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        if (component.Store is not IQueryingStore store)
            throw new ApiException(StateErrors.QueryNotSupported(component.Name));
        if (component.IsEncrypted)
            throw new ApiException(StateErrors.QueryFailed(component.Name, "cannot query encrypted store"));
        try
        {
            return await RunAsync(component, "query", token => store.QueryAsync(query, metadata, token), cause => StateErrors.QueryFailed(component.Name, cause), cancellationToken);
        }
        catch (ApiException exception) when (exception.InnerException is ComponentCallException { Details: { } details } call)
        {
            throw new ApiException(StateErrors.Own(call, details), call);
        }
    }

    private static void CheckKey(StateComponent component, string key, bool isTransaction = false)
    {
        // In a transaction daprd has lost the key when it tells the fault.
        if (key.Contains(StateComponent.Separator, StringComparison.Ordinal))
            throw new ApiException(StateErrors.IllegalKey(component.Name, isTransaction ? "" : key, $"input key/keyPrefix '{key}' can't contain '{StateComponent.Separator}'"));
    }

    private static Task<IReadOnlyList<StateItem?>> ReadManyAsync(StateComponent component, IReadOnlyList<string> keys, IReadOnlyDictionary<string, string> metadata, int parallelism, CancellationToken cancellationToken)
    {
        if (component.Store is IRequestStateStore store)
            return store.ReadManyAsync([.. keys.Select(key => new StateRead(component.Key(key)) { Metadata = metadata })], parallelism, cancellationToken);
        var stored = new string[keys.Count];
        for (var i = 0; i < stored.Length; i++)
            stored[i] = component.Key(keys[i]);
        return component.Store.BulkGetAsync(stored, cancellationToken);
    }

    private static StateItem? OpenOrTell(StateComponent component, StateItem? item)
    {
        if (item is null or { Error.Length: > 0 } || item.Value.IsEmpty)
            return item;
        try
        {
            return component.Open(item);
        }
        catch (StateEncryptionException exception)
        {
            return item with { Value = default, Error = exception.Message };
        }
    }

    private async Task WriteAsync(
        StateComponent component,
        string name,
        StateOperationKind kind,
        IReadOnlyList<StateItemRequest> items,
        Func<string, string, ApiError> error,
        CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return;
        var writes = new StateOperation[items.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            CheckKey(component, items[i].Key);
            try
            {
                writes[i] = items[i].ToOperation(kind, component);
            }
            catch (StateRequestException exception)
            {
                throw new ApiException(error(items[i].Key, exception.Message), exception);
            }
        }

        ApiError ErrorOf(string cause) => error(items[0].Key, cause);
        StateWrite[] outcomes = writes.Length == 1
            ? [await RunAsync(component, name, token => component.Store.WriteAsync(writes[0], token), ErrorOf, cancellationToken)]
            : component.Store is IBulkWritingStore store
                ? [await RunAsync(component, name, token => store.WriteManyAsync(writes, token), ErrorOf, cancellationToken)]
                : await EachAsync(component, name, writes, ErrorOf, cancellationToken);
        if (StateConflicts.Of(outcomes) is not { } conflict)
            return;
        var refused = ErrorOf(conflict.Text);
        throw new ApiException(conflict.IsInvalid
            ? refused with { HttpStatus = StatusCodes.Status400BadRequest, GrpcStatus = StatusCode.InvalidArgument }
            : refused with { HttpStatus = StatusCodes.Status409Conflict, GrpcStatus = StatusCode.Aborted });
    }

    /// <summary>All writes are tried, whatever becomes of the others.</summary>
    private async Task<StateWrite[]> EachAsync(StateComponent component, string name, StateOperation[] writes, Func<string, ApiError> error, CancellationToken cancellationToken)
    {
        // Writes of one bulk request that run at once.
        const int Parallelism = 16;
        var outcomes = new StateWrite[writes.Length];
        for (var start = 0; start < writes.Length; start += Parallelism)
        {
            var running = new List<Task<StateWrite>>(Parallelism);
            for (var i = start; i < Math.Min(start + Parallelism, writes.Length); i++)
            {
                var write = writes[i];
                running.Add(RunAsync(component, name, token => component.Store.WriteAsync(write, token), error, cancellationToken));
            }

            (await Task.WhenAll(running)).CopyTo(outcomes, start);
        }

        return outcomes;
    }

    /// <param name="keepsOwnStatus">A component's own status is passed on.</param>
    private async Task<T> RunAsync<T>(
        StateComponent component,
        string operation,
        Func<CancellationToken, Task<T>> call,
        Func<string, ApiError> error,
        CancellationToken cancellationToken,
        bool keepsOwnStatus = true)
    {
        var started = time.GetTimestamp();
        try
        {
            var policies = resiliency.ForComponentOutbound(component.Name, ComponentKind.Statestore);
            var result = policies.IsNone ? await call(cancellationToken) : await OutboundState.RunAsync(policies, operation, call, cancellationToken);
            metrics.State(component.Name, operation, success: true, time.GetElapsedTime(started));
            return result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            metrics.State(component.Name, operation, success: false, time.GetElapsedTime(started));
            Log.StateFailed(logger, exception, operation, component.Name);
            throw new ApiException(keepsOwnStatus ? StateErrors.Of(exception, error) : error(exception.Message), exception);
        }
    }
}
