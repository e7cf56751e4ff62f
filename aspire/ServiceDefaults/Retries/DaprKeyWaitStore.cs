using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Keeps them in a Dapr state store with transactions, under <c>retries/{consumer}/{topic}/{key}</c>.</summary>
public sealed class DaprKeyWaitStore(DaprGrpc dapr, string store, string consumer, string topic, string? apiToken, TimeProvider time) : IKeyWaitStore
{
    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    private readonly string _epochKey = $"retries/{consumer}/{topic}";

    public async Task<(string Epoch, IReadOnlyList<KeyWaits> Waits)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (epoch, waits) = await ReadOnceAsync(keys, cancellationToken);
            if (epoch is not null)
                return (epoch, waits);
            await BeginAsync(cancellationToken);
        }
    }
    private async Task<(string? Epoch, IReadOnlyList<KeyWaits> Waits)> ReadOnceAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var request = new GetBulkStateRequest { StoreName = store };
        request.Keys.Add(_epochKey);
        request.Keys.AddRange(keys.Select(Name));
        string? epoch = null;
        var response = await dapr.GetBulkStateAsync(request, _headers, cancellationToken: cancellationToken);
        Dictionary<string, KeyWaits> found = [];
        foreach (var item in response.Items)
        {
            if (item.Error.Length > 0)
                throw new RpcException(new Status(StatusCode.Internal, $"state store '{store}', key '{item.Key}': {item.Error}"));
            if (item.Key == _epochKey && item.Etag.Length > 0)
                epoch = JsonSerializer.Deserialize<string>(item.Data.Span);
            else if (item.Etag.Length > 0)
                found[item.Key] = KeyWaits.Read(item.Data.Span, item.Etag);
        }

        return (epoch, [.. keys.Select(key => found.GetValueOrDefault(Name(key)) ?? KeyWaits.Read(default, null))]);
    }

    /// <summary>Gives the store a name; where another instance was faster, its name stays.</summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var item = new StateItem
        {
            Key = _epochKey,
            Value = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(Guid.CreateVersion7(time.GetUtcNow()).ToString("n"))),
            Options = new StateOptions { Concurrency = StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite },
        };
        var request = new SaveStateRequest { StoreName = store };
        request.States.Add(item);
        try
        {
            await dapr.SaveStateAsync(request, _headers, cancellationToken: cancellationToken);
        }
        catch (RpcException exception) when (IsConflict(exception))
        {
            // It has one now.
        }
    }

    public async Task<bool> SaveAsync(IReadOnlyList<(string Key, KeyWaits Waits)> changed, CancellationToken cancellationToken)
    {
        var request = new ExecuteStateTransactionRequest { StoreName = store };
        foreach (var (key, waits) in changed)
        {
            // What was never stored needs no removal.
            if (waits.Count == 0 && waits.ETag is null)
                continue;
            var item = new StateItem { Key = Name(key), Options = new StateOptions { Concurrency = StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite } };
            if (waits.ETag is not null)
                item.Etag = new Etag { Value = waits.ETag };
            if (waits.Count > 0)
                item.Value = UnsafeByteOperations.UnsafeWrap(waits.Write());
            request.Operations.Add(new TransactionalStateOperation { OperationType = waits.Count == 0 ? "delete" : "upsert", Request = item });
        }

        if (request.Operations.Count == 0)
            return true;
        try
        {
            await dapr.ExecuteStateTransactionAsync(request, _headers, cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException exception) when (IsConflict(exception))
        {
            return false;
        }
    }

    private static bool IsConflict(RpcException exception) =>
        exception.StatusCode == StatusCode.Aborted || exception.Status.Detail.Contains("etag mismatch", StringComparison.OrdinalIgnoreCase);

    // "||" separates an app's prefix from a key in Dapr.
    private string Name(string key) => $"retries/{consumer}/{topic}/{Uri.EscapeDataString(key)}";
}
