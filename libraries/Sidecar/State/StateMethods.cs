using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Json;
using RealTimeMesh.Sidecar.PubSub;
using StateItem = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State over gRPC.</summary>
internal sealed class StateMethods(StateService state) : IServiceMethodProvider<DaprService>
{
    private static readonly Empty Nothing = new();

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        context.Unary("GetState", GetStateRequest.Parser, GetStateResponse.Parser, GetState);
        context.Unary("GetBulkState", GetBulkStateRequest.Parser, GetBulkStateResponse.Parser, GetBulkState);
        context.Unary("SaveState", SaveStateRequest.Parser, Empty.Parser, SaveState);
        context.Unary("DeleteState", DeleteStateRequest.Parser, Empty.Parser, DeleteState);
        context.Unary("DeleteBulkState", DeleteBulkStateRequest.Parser, Empty.Parser, DeleteBulkState);
        context.Unary("ExecuteStateTransaction", ExecuteStateTransactionRequest.Parser, Empty.Parser, ExecuteStateTransaction);
        context.Unary("QueryStateAlpha1", QueryStateRequest.Parser, QueryStateResponse.Parser, QueryState);
    }

    private async Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context)
    {
        var read = new StateRead(request.Key) { Consistency = Consistency(request.Consistency), Metadata = request.Metadata.Count > 0 ? request.Metadata.ToDictionary() : StateItemRequest.NoMetadata };
        var item = await state.GetAsync(state.Resolve(request.StoreName), read, context.CancellationToken);
        var response = new GetStateResponse();
        if (item is null)
            return response;
        response.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
        response.Etag = item.ETag;
        foreach (var (name, text) in StateMetadata.Of(item))
            response.Metadata[name] = text;
        return response;
    }

    private async Task<GetBulkStateResponse> GetBulkState(GetBulkStateRequest request, ServerCallContext context)
    {
        IReadOnlyList<Components.StateItem?> items;
        try
        {
            items = await state.BulkGetAsync(state.Resolve(request.StoreName), request.Keys, request.Metadata.ToDictionary(), request.Parallelism, context.CancellationToken);
        }
        catch (ApiException exception) when (exception is { Error.OverGrpc: null, InnerException: ComponentCallException call })
        {
            throw new RpcException(new Status((StatusCode)call.GrpcCode, call.Description, call));
        }

        var response = new GetBulkStateResponse();
        for (var i = 0; i < items.Count; i++)
            response.Items.Add(Item(request.Keys[i], items[i]));
        return response;
    }

    private async Task<Empty> SaveState(SaveStateRequest request, ServerCallContext context)
    {
        var component = state.Resolve(request.StoreName);
        var items = new StateItemRequest[request.States.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (request.States[i].Key.Length == 0)
                throw new ApiException(StateErrors.EmptyKey());
            items[i] = Item(request.States[i]) with { Value = Value(request.States[i], component) };
        }

        await state.SaveAsync(component, items, context.CancellationToken);
        return Nothing;
    }

    private async Task<Empty> DeleteState(DeleteStateRequest request, ServerCallContext context)
    {
        var item = new StateItemRequest(request.Key)
        {
            ETag = request.Etag?.Value,
            Concurrency = Concurrency(request.Options),
            Consistency = Text(request.Options),
            Metadata = request.Metadata.ToDictionary(),
        };
        await state.DeleteAsync(state.Resolve(request.StoreName), item, context.CancellationToken);
        return Nothing;
    }

    private async Task<Empty> DeleteBulkState(DeleteBulkStateRequest request, ServerCallContext context)
    {
        await state.BulkDeleteAsync(state.Resolve(request.StoreName), [.. request.States.Select(Item)], context.CancellationToken);
        return Nothing;
    }

    private async Task<Empty> ExecuteStateTransaction(ExecuteStateTransactionRequest request, ServerCallContext context)
    {
        var component = state.Resolve(request.StoreName);
        StateService.CheckTransactional(component);
        var operations = new StateTransactionOperation[request.Operations.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            var operation = request.Operations[i];
            var kind = TransactionBody.KindOf(operation.OperationType) ?? throw new ApiException(StateErrors.UnknownOperation(operation.OperationType));
            operations[i] = new StateTransactionOperation(kind, Item(operation.Request ?? new StateItem()));
        }

        var headers = context.GetHttpContext().Request.Headers;
        var trace = new RequestTrace(PublishEndpoints.Text(headers.TraceParent), PublishEndpoints.Text(headers.TraceState));
        await state.TransactAsync(component, operations, trace, context.CancellationToken);
        return Nothing;
    }

    private async Task<QueryStateResponse> QueryState(QueryStateRequest request, ServerCallContext context)
    {
        var page = await state.QueryAsync(state.Resolve(request.StoreName), ByteString.CopyFromUtf8(request.Query).Memory, request.Metadata.ToDictionary(), context.CancellationToken);
        var response = new QueryStateResponse { Token = page.Token };
        foreach (var answer in page.Answers)
            response.Results.Add(new QueryStateItem { Key = StateAnswers.OriginalKey(answer.Key), Data = UnsafeByteOperations.UnsafeWrap(answer.Value), Etag = answer.ETag ?? "", Error = answer.Error });
        foreach (var (name, text) in page.Metadata)
            response.Metadata[name] = text;
        return response;
    }

    private static BulkStateItem Item(string key, Components.StateItem? item)
    {
        var result = new BulkStateItem { Key = key };
        if (item is null)
            return result;
        if (!string.IsNullOrEmpty(item.Error))
        {
            result.Error = item.Error;
            return result;
        }

        result.Data = UnsafeByteOperations.UnsafeWrap(item.Value);
        result.Etag = item.ETag;
        foreach (var (name, text) in StateMetadata.Of(item))
            result.Metadata[name] = text;
        return result;
    }

    private static StateItemRequest Item(StateItem item) => new(item.Key)
    {
        Value = StateValue.Bytes(item.Value.Memory),
        ETag = item.Etag?.Value,
        Concurrency = Concurrency(item.Options),
        Consistency = Text(item.Options),
        Metadata = item.Metadata.Count > 0 ? item.Metadata.ToDictionary() : StateItemRequest.NoMetadata,
    };

    /// <summary>Bytes, or JSON put in Go's form where the metadata say that they are JSON.</summary>
    private static StateValue Value(StateItem item, StateComponent component)
    {
        if (component.IsEncrypted || !item.Metadata.TryGetValue("contentType", out var contentType) || contentType != "application/json")
            return StateValue.Bytes(item.Value.Memory);
        using var document = GoJsonBody.Parse(item.Value.Memory, out var cause) ?? throw new RpcException(new Status(StatusCode.Unknown, cause == "EOF" ? "unexpected end of JSON input" : cause));
        return StateValue.Json(document.RootElement);
    }

    private static string Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => "first-write",
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => "last-write",
        _ => "",
    };

    private static string Text(StateOptions? options) => options?.Consistency switch
    {
        StateOptions.Types.StateConsistency.ConsistencyEventual => "eventual",
        StateOptions.Types.StateConsistency.ConsistencyStrong => "strong",
        _ => "",
    };

    private static StateConsistency Consistency(StateOptions.Types.StateConsistency consistency) => consistency switch
    {
        StateOptions.Types.StateConsistency.ConsistencyEventual => StateConsistency.Eventual,
        StateOptions.Types.StateConsistency.ConsistencyStrong => StateConsistency.Strong,
        _ => StateConsistency.Unspecified,
    };
}
