using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using Client = RealTimeMesh.Pluggable.Protocol.StateStore.StateStoreClient;

namespace RealTimeMesh.Pluggable;

/// <summary>A state store behind a socket.</summary>
internal sealed class PluggableStateStore(ComponentConnection connection, StateCapabilities capabilities)
    : IStateStore, IRequestStateStore, IBulkWritingStore, IQueryingStore
{
    public StateCapabilities Capabilities { get; } = capabilities;

    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => ReadAsync(new StateRead(key), cancellationToken);

    public Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ReadManyAsync([.. keys.Select(key => new StateRead(key))], 0, cancellationToken);

    public async Task<StateItem?> ReadAsync(StateRead read, CancellationToken cancellationToken)
    {
        var response = await connection.CallAsync((invoker, r, token) => new Client(invoker).GetAsync(r, cancellationToken: token), StateMessages.Get(read), cancellationToken).ConfigureAwait(false);
        return StateMessages.Item(response.Data, response.Etag, response.Metadata);
    }

    public async Task<IReadOnlyList<StateItem?>> ReadManyAsync(IReadOnlyList<StateRead> reads, int parallelism, CancellationToken cancellationToken)
    {
        if (reads.Count == 0)
            return [];
        var request = new BulkGetRequest { Options = new BulkGetRequestOptions { Parallelism = parallelism } };
        request.Items.AddRange(reads.Select(StateMessages.Get));
        var response = await connection.CallAsync((invoker, r, token) => new Client(invoker).BulkGetAsync(r, cancellationToken: token), request, cancellationToken).ConfigureAwait(false);
        // The component may answer in any order, and leave out keys that it does not have.
        var items = new Dictionary<string, StateItem?>(StringComparer.Ordinal);
        foreach (var item in response.Items)
            items[item.Key] = StateMessages.Item(item.Data, item.Etag, item.Metadata, item.Error);
        return [.. reads.Select(read => items.GetValueOrDefault(read.Key))];
    }

    public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken) => operation.Kind == StateOperationKind.Upsert
        ? AppliedAsync((invoker, r, token) => new Client(invoker).SetAsync(r, cancellationToken: token), StateMessages.Set(operation), operation.Key, cancellationToken)
        : AppliedAsync((invoker, r, token) => new Client(invoker).DeleteAsync(r, cancellationToken: token), StateMessages.Delete(operation), operation.Key, cancellationToken);

    public async Task<StateWrite> WriteManyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
            return StateWrite.Applied;
        if (operations.All(operation => operation.Kind == StateOperationKind.Upsert))
        {
            var set = new BulkSetRequest { Options = new BulkSetRequestOptions() };
            set.Items.AddRange(operations.Select(StateMessages.Set));
            return await AppliedAsync((invoker, r, token) => new Client(invoker).BulkSetAsync(r, cancellationToken: token), set, null, cancellationToken).ConfigureAwait(false);
        }

        if (operations.All(operation => operation.Kind == StateOperationKind.Delete))
        {
            var delete = new BulkDeleteRequest { Options = new BulkDeleteRequestOptions() };
            delete.Items.AddRange(operations.Select(StateMessages.Delete));
            return await AppliedAsync((invoker, r, token) => new Client(invoker).BulkDeleteAsync(r, cancellationToken: token), delete, null, cancellationToken).ConfigureAwait(false);
        }

        foreach (var operation in operations)
        {
            if (await WriteAsync(operation, cancellationToken).ConfigureAwait(false) is { Outcome: not StateWriteOutcome.Applied } conflict)
                return conflict;
        }

        return StateWrite.Applied;
    }

    public async Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
            return StateWrite.Applied;
        var request = new TransactionalStateRequest();
        request.Operations.AddRange(operations.Select(StateMessages.Transactional));
        return await AppliedAsync(
            (invoker, r, token) => new TransactionalStateStore.TransactionalStateStoreClient(invoker).TransactAsync(r, cancellationToken: token), request, null, cancellationToken).ConfigureAwait(false);
    }

    public async Task<StateQueryPage> QueryAsync(ReadOnlyMemory<byte> query, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var request = new QueryRequest { Query = QueryMessages.Parse(query) };
        foreach (var (name, value) in metadata)
            request.Metadata[name] = value;
        var response = await connection.CallAsync(
            (invoker, r, token) => new QueriableStateStore.QueriableStateStoreClient(invoker).QueryAsync(r, cancellationToken: token), request, cancellationToken).ConfigureAwait(false);
        return new StateQueryPage([.. response.Items.Select(item => new StateQueryAnswer(item.Key, item.Data.Memory, item.Etag?.Value, item.Error))], response.Token)
        {
            Metadata = new Dictionary<string, string>(response.Metadata, StringComparer.Ordinal),
        };
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<StateWrite> AppliedAsync<TRequest, TResponse>(
        Func<CallInvoker, TRequest, CancellationToken, AsyncUnaryCall<TResponse>> method, TRequest request, string? key, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RawAsync(method, request, cancellationToken).ConfigureAwait(false);
            return StateWrite.Applied;
        }
        catch (RpcException e)
        {
            if (CallErrors.ETagOutcome(e, key) is { } outcome)
                return outcome;
            throw CallErrors.RowMismatch(e) is { } mismatch
                ? new ComponentCallException((int)e.StatusCode, mismatch, null, e)
                : CallErrors.Convert(e, connection.Socket, cancellationToken);
        }
    }
}
