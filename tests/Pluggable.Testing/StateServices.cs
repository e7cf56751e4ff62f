using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

internal sealed class StateStoreService(TestStateStore behaviour) : StateStore.StateStoreBase
{
    public override Task<InitResponse> Init(InitRequest request, ServerCallContext context)
    {
        behaviour.Initialized.Enqueue(new Dictionary<string, string>(request.Metadata.Properties));
        return Task.FromResult(new InitResponse());
    }

    public override Task<FeaturesResponse> Features(FeaturesRequest request, ServerCallContext context) =>
        Task.FromResult(new FeaturesResponse { Features = { behaviour.Features } });

    public override Task<PingResponse> Ping(PingRequest request, ServerCallContext context) => Task.FromResult(new PingResponse());

    public override async Task<GetResponse> Get(GetRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(Get), request);
        if (await behaviour.Store.GetAsync(request.Key, context.CancellationToken) is not { } item)
            return new GetResponse();
        var response = new GetResponse { Data = UnsafeByteOperations.UnsafeWrap(item.Value), Etag = new Etag { Value = item.ETag } };
        Operations.TellEnd(item, response.Metadata);
        return response;
    }

    public override async Task<BulkGetResponse> BulkGet(BulkGetRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(BulkGet), request);
        var items = await behaviour.Store.BulkGetAsync([.. request.Items.Select(item => item.Key)], context.CancellationToken);
        var response = new BulkGetResponse();
        // Backwards and without missing keys: the order of the answer is not part of the interface.
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (items[i] is not { } found)
                continue;
            var answer = new BulkStateItem { Key = request.Items[i].Key, Data = UnsafeByteOperations.UnsafeWrap(found.Value), Etag = new Etag { Value = found.ETag } };
            Operations.TellEnd(found, answer.Metadata);
            response.Items.Add(answer);
        }

        return response;
    }

    public override async Task<SetResponse> Set(SetRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(Set), request);
        Operations.Check(await behaviour.Store.WriteAsync(Operations.Of(request), context.CancellationToken));
        return new SetResponse();
    }

    public override async Task<DeleteResponse> Delete(DeleteRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(Delete), request);
        Operations.Check(await behaviour.Store.WriteAsync(Operations.Of(request), context.CancellationToken));
        return new DeleteResponse();
    }

    public override async Task<BulkSetResponse> BulkSet(BulkSetRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(BulkSet), request);
        foreach (var item in request.Items)
            Operations.Check(await behaviour.Store.WriteAsync(Operations.Of(item), context.CancellationToken));
        return new BulkSetResponse();
    }

    public override async Task<BulkDeleteResponse> BulkDelete(BulkDeleteRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(BulkDelete), request);
        foreach (var item in request.Items)
            Operations.Check(await behaviour.Store.WriteAsync(Operations.Of(item), context.CancellationToken));
        return new BulkDeleteResponse();
    }
}

internal sealed class TransactionService(TestStateStore behaviour) : TransactionalStateStore.TransactionalStateStoreBase
{
    public override async Task<TransactionalStateResponse> Transact(TransactionalStateRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(Transact), request);
        var operations = request.Operations.Select(operation =>
            operation.RequestCase == TransactionalStateOperation.RequestOneofCase.Set ? Operations.Of(operation.Set) : Operations.Of(operation.Delete));
        Operations.Check(await behaviour.Store.TransactAsync([.. operations], context.CancellationToken));
        return new TransactionalStateResponse();
    }
}

internal sealed class QueryService(TestStateStore behaviour) : QueriableStateStore.QueriableStateStoreBase
{
    public override Task<QueryResponse> Query(QueryRequest request, ServerCallContext context)
    {
        behaviour.Enter(nameof(Query), request);
        return Task.FromResult(behaviour.OnQuery(request));
    }
}

internal sealed class MaxSizeService(TestStateStore behaviour) : TransactionalStoreMultiMaxSize.TransactionalStoreMultiMaxSizeBase
{
    public override Task<MultiMaxSizeResponse> MultiMaxSize(MultiMaxSizeRequest request, ServerCallContext context) =>
        Task.FromResult(new MultiMaxSizeResponse { MaxSize = behaviour.MaxTransactionSize ?? 0 });
}

/// <summary>Between the wire and a store of ours.</summary>
internal static class Operations
{
    public static StateOperation Of(SetRequest request) => new(StateOperationKind.Upsert, request.Key)
    {
        Value = request.Value.Memory,
        ETag = request.Etag?.Value is { Length: > 0 } etag ? etag : null,
        Concurrency = Concurrency(request.Options),
        Ttl = request.Metadata.TryGetValue("ttlInSeconds", out var text) && int.Parse(text, CultureInfo.InvariantCulture) is var seconds
            ? TimeSpan.FromSeconds(Math.Max(seconds, 0))
            : null,
    };

    public static StateOperation Of(DeleteRequest request) => new(StateOperationKind.Delete, request.Key)
    {
        ETag = request.Etag?.Value is { Length: > 0 } etag ? etag : null,
        Concurrency = Concurrency(request.Options),
    };

    public static void Check(StateWrite write)
    {
        if (write.Outcome != StateWriteOutcome.Applied)
            throw ComponentErrors.ETag(write.Outcome == StateWriteOutcome.ETagInvalid, $"key {write.Key}");
    }

    public static void TellEnd(StateItem item, Google.Protobuf.Collections.MapField<string, string> metadata)
    {
        if (item.ExpiresAt is { } end)
            metadata["ttlExpireTime"] = end.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
    }

    private static Components.StateConcurrency Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => Components.StateConcurrency.FirstWrite,
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => Components.StateConcurrency.LastWrite,
        _ => Components.StateConcurrency.Unspecified,
    };
}
