using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>Records of keys in the Dapr state store, by the generated client: DaprClient can't create a record only where there is none.</summary>
internal sealed class DaprKeyStore(DaprGrpc dapr, string store, string? apiToken) : IKeyStore
{
    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    public async Task<StoredKey?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var response = await dapr.GetStateAsync(new GetStateRequest { StoreName = store, Key = key }, _headers, cancellationToken: cancellationToken);
        return response.Etag.Length == 0 ? null : new StoredKey(response.Data.Memory, response.Etag);
    }

    public async Task<bool> TryWriteAsync(string key, byte[] json, string? tag, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        var item = Item(key, json, lifetime);
        item.Options = new StateOptions { Concurrency = StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite };
        if (tag is not null)
            item.Etag = new Etag { Value = tag };
        try
        {
            await dapr.SaveStateAsync(new SaveStateRequest { StoreName = store, States = { item } }, _headers, cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Aborted || e.Status.Detail.Contains("etag", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        await dapr.DeleteStateAsync(new DeleteStateRequest { StoreName = store, Key = key }, _headers, cancellationToken: cancellationToken);

    private static StateItem Item(string key, byte[] json, TimeSpan? lifetime)
    {
        var item = new StateItem { Key = key, Value = UnsafeByteOperations.UnsafeWrap(json) };
        if (lifetime is { } time)
            item.Metadata["ttlInSeconds"] = Math.Max(1, (long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return item;
    }
}
