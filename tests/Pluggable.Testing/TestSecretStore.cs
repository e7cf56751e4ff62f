using System.Collections.Concurrent;
using Grpc.Core;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

/// <summary>What a test's secret store component holds: values by key, by name of the secret.</summary>
public sealed class TestSecretStore
{
    public IReadOnlyList<string> Features { get; init; } = ["MULTIPLE_KEY_VALUES_PER_SECRET"];

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Secrets { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Metadata of each Get.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Requests { get; } = new();

    /// <summary>Settings of each Init.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Initialized { get; } = new();
}

internal sealed class SecretStoreService(TestSecretStore behaviour) : SecretStore.SecretStoreBase
{
    public override Task<SecretStoreInitResponse> Init(SecretStoreInitRequest request, ServerCallContext context)
    {
        behaviour.Initialized.Enqueue(new Dictionary<string, string>(request.Metadata.Properties));
        return Task.FromResult(new SecretStoreInitResponse());
    }

    public override Task<FeaturesResponse> Features(FeaturesRequest request, ServerCallContext context) =>
        Task.FromResult(new FeaturesResponse { Features = { behaviour.Features } });

    public override Task<PingResponse> Ping(PingRequest request, ServerCallContext context) => Task.FromResult(new PingResponse());

    public override Task<GetSecretResponse> Get(GetSecretRequest request, ServerCallContext context)
    {
        behaviour.Requests.Enqueue(new Dictionary<string, string>(request.Metadata));
        if (!behaviour.Secrets.TryGetValue(request.Key, out var secret))
            throw new RpcException(new Status(StatusCode.NotFound, $"no secret {request.Key}"));
        return Task.FromResult(new GetSecretResponse { Data = { secret.ToDictionary() } });
    }

    public override Task<BulkGetSecretResponse> BulkGet(BulkGetSecretRequest request, ServerCallContext context)
    {
        var response = new BulkGetSecretResponse();
        foreach (var (name, secret) in behaviour.Secrets)
            response.Data[name] = new SecretResponse { Secrets = { secret.ToDictionary() } };
        return Task.FromResult(response);
    }
}
