using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Streaming;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Engine state in a Dapr state store, by the generated client of the official package: DaprClient would copy and
/// re-encode each of the thousands of values of a transaction.
/// </summary>
internal sealed class DaprStreamState(DaprGrpc dapr, string store, string? apiToken) : IStreamState
{
    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    public async Task<IReadOnlyList<StoredState?>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 1)
            return [await GetOneAsync(keys[0], cancellationToken)];
        var request = new GetBulkStateRequest { StoreName = store };
        request.Keys.AddRange(keys);
        var response = await dapr.GetBulkStateAsync(request, _headers, cancellationToken: cancellationToken);
        var found = new Dictionary<string, StoredState>(keys.Count, StringComparer.Ordinal);
        foreach (var item in response.Items)
        {
            if (item.Error.Length > 0)
                throw new StreamingException($"state store '{store}', key '{item.Key}': {item.Error}");
            // An absent key comes back without a tag.
            if (item.Etag.Length > 0)
                found[item.Key] = new StoredState(item.Data.Memory, item.Etag);
        }

        return [.. keys.Select(key => found.GetValueOrDefault(key))];
    }

    public async Task<StateCommit> CommitAsync(IReadOnlyList<StateChange> changes, CancellationToken cancellationToken)
    {
        var request = new ExecuteStateTransactionRequest { StoreName = store };
        foreach (var change in changes)
            request.Operations.Add(Operation(change));
        try
        {
            await dapr.ExecuteStateTransactionAsync(request, _headers, cancellationToken: cancellationToken);
            return StateCommit.Applied;
        }
        catch (RpcException exception) when (IsConflict(exception))
        {
            return StateCommit.Conflict;
        }
    }

    private async Task<StoredState?> GetOneAsync(string key, CancellationToken cancellationToken)
    {
        var response = await dapr.GetStateAsync(new GetStateRequest { StoreName = store, Key = key }, _headers, cancellationToken: cancellationToken);
        return response.Etag.Length == 0 ? null : new StoredState(response.Data.Memory, response.Etag);
    }

    private static TransactionalStateOperation Operation(StateChange change)
    {
        var item = new StateItem { Key = change.Key };
        if (!change.Delete)
            item.Value = UnsafeByteOperations.UnsafeWrap(change.Value);
        if (change.Guard != StateGuard.None)
            item.Options = new StateOptions { Concurrency = StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite };
        if (change.ETag is not null)
            item.Etag = new Etag { Value = change.ETag };
        return new TransactionalStateOperation { OperationType = change.Delete ? "delete" : "upsert", Request = item };
    }

    // daprd reports a lost race inside a transaction as Aborted or as an internal error that names the tag.
    private static bool IsConflict(RpcException exception) =>
        exception.StatusCode == StatusCode.Aborted || exception.Status.Detail.Contains("etag mismatch", StringComparison.OrdinalIgnoreCase);
}
