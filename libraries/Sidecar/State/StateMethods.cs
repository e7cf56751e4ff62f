using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Grpc;
using StateItem = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State over gRPC.</summary>
internal sealed class StateMethods(StateService state) : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("GetState", GetStateRequest.Parser, GetStateResponse.Parser, GetState);
        context.Unary("GetBulkState", GetBulkStateRequest.Parser, GetBulkStateResponse.Parser, GetBulkState);
        context.Unary("SaveState", SaveStateRequest.Parser, Empty.Parser, SaveState);
        context.Unary("DeleteState", DeleteStateRequest.Parser, Empty.Parser, DeleteState);
        context.Unary("DeleteBulkState", DeleteBulkStateRequest.Parser, Empty.Parser, DeleteBulkState);
        context.Unary("ExecuteStateTransaction", ExecuteStateTransactionRequest.Parser, Empty.Parser, ExecuteStateTransaction);
    }

    private async Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context)
    {
        var item = await state.GetAsync(state.Resolve(request.StoreName), request.Key, context.CancellationToken);
        var response = new GetStateResponse();
        if (item is null)
            return response;
        response.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
        response.Etag = item.ETag;
        if (item.ExpiresAt is { } expiresAt)
            response.Metadata["ttlExpireTime"] = StateEndpoints.ExpireTime(expiresAt);
        return response;
    }

    private async Task<GetBulkStateResponse> GetBulkState(GetBulkStateRequest request, ServerCallContext context)
    {
        var items = await state.BulkGetAsync(state.Resolve(request.StoreName), request.Keys, context.CancellationToken);
        var response = new GetBulkStateResponse();
        for (var i = 0; i < items.Count; i++)
        {
            var result = new BulkStateItem { Key = request.Keys[i] };
            if (items[i] is { } item)
            {
                result.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
                result.Etag = item.ETag;
                if (item.ExpiresAt is { } expiresAt)
                    result.Metadata["ttlExpireTime"] = StateEndpoints.ExpireTime(expiresAt);
            }

            response.Items.Add(result);
        }

        return response;
    }

    private async Task<Empty> SaveState(SaveStateRequest request, ServerCallContext context)
    {
        var component = state.Resolve(request.StoreName);
        await state.SaveAsync(component, Items(request.States), context.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> DeleteState(DeleteStateRequest request, ServerCallContext context)
    {
        var item = new StateItemRequest(request.Key)
        {
            ETag = request.Etag?.Value,
            Concurrency = Concurrency(request.Options),
            Consistency = Consistency(request.Options),
            Metadata = request.Metadata.ToDictionary(),
        };
        await state.DeleteAsync(state.Resolve(request.StoreName), item, context.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> DeleteBulkState(DeleteBulkStateRequest request, ServerCallContext context)
    {
        await state.BulkDeleteAsync(state.Resolve(request.StoreName), Items(request.States), context.CancellationToken);
        return new Empty();
    }

    private async Task<Empty> ExecuteStateTransaction(ExecuteStateTransactionRequest request, ServerCallContext context)
    {
        var component = state.Resolve(request.StoreName);
        StateService.CheckTransactional(component);
        var operations = new StateTransactionOperation[request.Operations.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            var operation = request.Operations[i];
            var kind = StateBodies.OperationKind(operation.OperationType) ?? throw new ApiException(StateErrors.UnknownOperation(operation.OperationType));
            operations[i] = new StateTransactionOperation(kind, Item(operation.Request ?? new StateItem(), request.Metadata));
        }

        await state.TransactAsync(component, operations, context.CancellationToken);
        return new Empty();
    }

    private static StateItemRequest[] Items(IReadOnlyList<StateItem> items)
    {
        var result = new StateItemRequest[items.Count];
        for (var i = 0; i < result.Length; i++)
            result[i] = Item(items[i], null);
        return result;
    }

    private static StateItemRequest Item(StateItem item, IDictionary<string, string>? common)
    {
        if (item.Key.Length == 0)
            throw new ApiException(StateErrors.EmptyKey());
        var merged = common is { Count: > 0 } || item.Metadata.Count > 0 ? new Dictionary<string, string>(item.Metadata, StringComparer.Ordinal) : Nothing;
        foreach (var (name, text) in common ?? Nothing)
            merged[name] = text;
        return new StateItemRequest(item.Key) { Value = item.Value.Memory, ETag = item.Etag?.Value, Concurrency = Concurrency(item.Options), Consistency = Consistency(item.Options), Metadata = merged };
    }

    private static StateConcurrency Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => StateConcurrency.FirstWrite,
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };

    private static StateConsistency Consistency(StateOptions? options) => options?.Consistency switch
    {
        StateOptions.Types.StateConsistency.ConsistencyStrong => StateConsistency.Strong,
        StateOptions.Types.StateConsistency.ConsistencyEventual => StateConsistency.Eventual,
        _ => StateConsistency.Unspecified,
    };

    private static readonly Dictionary<string, string> Nothing = [];
}
