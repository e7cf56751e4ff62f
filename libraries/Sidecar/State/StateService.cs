using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State for both APIs: prefixes keys, bounds and checks requests, tells the store's outcomes as Dapr's errors.</summary>
internal sealed class StateService(ComponentCatalog catalog, SidecarOptions options, TimeProvider time, ResiliencyProvider resiliency, SidecarMetrics metrics, ILogger<StateService> logger)
{
    /// <summary>Writes of one bulk request that run at once.</summary>
    private const int BulkParallelism = 16;

    public StateComponent Resolve(string store)
    {
        if (!catalog.HasStateStores)
            throw new ApiException(StateErrors.NotConfigured(store, options.AppId));
        return catalog.StateStore(store) ?? throw new ApiException(StateErrors.NotFound(store, options.AppId));
    }

    public async Task<StateItem?> GetAsync(StateComponent component, string key, CancellationToken cancellationToken)
    {
        CheckKey(component, key);
        return await RunAsync(component, "get", token => component.Store.GetAsync(component.Key(key), token), cause => StateErrors.Get(component.Name, key, cause), cancellationToken);
    }

    public async Task<IReadOnlyList<StateItem?>> BulkGetAsync(StateComponent component, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
            CheckKey(component, key);
        if (keys.Count == 0)
            return [];
        var stored = new string[keys.Count];
        for (var i = 0; i < stored.Length; i++)
            stored[i] = component.Key(keys[i]);
        return await RunAsync(component, "bulk_get", token => component.Store.BulkGetAsync(stored, token), StateErrors.BulkGet, cancellationToken);
    }

    public async Task SaveAsync(StateComponent component, IReadOnlyList<StateItemRequest> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
            CheckKey(component, item.Key);
        await WriteAsync(component, "set", StateOperationKind.Upsert, items, (_, cause) => StateErrors.Save(component.Name, cause), cancellationToken);
    }

    public async Task DeleteAsync(StateComponent component, StateItemRequest item, CancellationToken cancellationToken)
    {
        CheckKey(component, item.Key);
        await WriteAsync(component, "delete", StateOperationKind.Delete, [item], StateErrors.Delete, cancellationToken);
    }

    public async Task BulkDeleteAsync(StateComponent component, IReadOnlyList<StateItemRequest> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
            CheckKey(component, item.Key);
        await WriteAsync(component, "bulk_delete", StateOperationKind.Delete, items, (_, cause) => StateErrors.BulkDelete(component.Name, cause), cancellationToken);
    }

    public static void CheckTransactional(StateComponent component)
    {
        if (!component.Store.Capabilities.Transactional)
            throw new ApiException(StateErrors.TransactionsNotSupported(component.Name));
    }

    public async Task TransactAsync(StateComponent component, IReadOnlyList<StateTransactionOperation> operations, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
            return;
        var limit = component.Store.Capabilities.MaxTransactionOperations;
        if (limit > 0 && operations.Count > limit)
            throw new ApiException(StateErrors.TooManyOperations(component.Name, operations.Count, limit));
        var prepared = new StateOperation[operations.Count];
        try
        {
            for (var i = 0; i < prepared.Length; i++)
            {
                CheckKey(component, operations[i].Item.Key);
                prepared[i] = operations[i].Item.ToOperation(operations[i].Kind, component);
            }
        }
        catch (StateRequestException exception)
        {
            throw new ApiException(StateErrors.Transaction(exception.Message), exception);
        }

        var outcome = await RunAsync(component, "transaction", token => component.Store.TransactAsync(prepared, token), StateErrors.Transaction, cancellationToken);
        if (outcome.Outcome != StateWriteOutcome.Applied)
            throw new ApiException(StateErrors.Transaction($"{Text(outcome.Outcome)}, key '{outcome.Key}'"));
    }

    private static void CheckKey(StateComponent component, string key)
    {
        if (key.Contains(StateComponent.Separator, StringComparison.Ordinal))
            throw new ApiException(StateErrors.IllegalKey(component.Name, key, $"input key/keyPrefix '{key}' can't contain '||'"));
    }

    private async Task WriteAsync(
        StateComponent component,
        string name,
        StateOperationKind kind,
        IReadOnlyList<StateItemRequest> items,
        Func<string, string, ApiError> error,
        CancellationToken cancellationToken)
    {
        var writes = new (StateItemRequest Item, StateOperation Operation)[items.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            try
            {
                writes[i] = (items[i], items[i].ToOperation(kind, component));
            }
            catch (StateRequestException exception)
            {
                throw new ApiException(error(items[i].Key, exception.Message) with { HttpStatus = StatusCodes.Status400BadRequest, GrpcStatus = StatusCode.InvalidArgument }, exception);
            }
        }

        if (writes.Length == 1)
            await ApplyAsync(writes[0], cancellationToken);
        else
            await Parallel.ForEachAsync(writes, new ParallelOptions { MaxDegreeOfParallelism = BulkParallelism, CancellationToken = cancellationToken }, ApplyAsync);

        async ValueTask ApplyAsync((StateItemRequest Item, StateOperation Operation) write, CancellationToken token)
        {
            var outcome = await RunAsync(component, name, attempt => component.Store.WriteAsync(write.Operation, attempt), cause => error(write.Item.Key, cause), token);
            if (outcome.Outcome == StateWriteOutcome.Applied)
                return;
            var refused = error(write.Item.Key, Text(outcome.Outcome));
            throw new ApiException(outcome.Outcome == StateWriteOutcome.ETagMismatch
                ? refused with { HttpStatus = StatusCodes.Status409Conflict, GrpcStatus = StatusCode.Aborted }
                : refused with { HttpStatus = StatusCodes.Status400BadRequest, GrpcStatus = StatusCode.InvalidArgument });
        }
    }

    private async Task<T> RunAsync<T>(StateComponent component, string operation, Func<CancellationToken, Task<T>> call, Func<string, ApiError> error, CancellationToken cancellationToken)
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
            throw new ApiException(error(exception.Message), exception);
        }
    }

    private static string Text(StateWriteOutcome outcome) => outcome == StateWriteOutcome.ETagMismatch ? "possible etag mismatch" : "invalid etag value";
}
