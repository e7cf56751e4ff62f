using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary><c>state.</c> and the socket's name.</summary>
/// <param name="socket">Path of the socket.</param>
/// <param name="limitsTransactions">The component says how many operations a transaction may have.</param>
/// <param name="options">Bounds.</param>
internal sealed class PluggableStateType(string socket, bool limitsTransactions, PluggableOptions options) : PluggableType("state", socket, options)
{
    protected override async Task InitializeAsync(CallInvoker invoker, MetadataRequest settings, CancellationToken cancellationToken) =>
        await new StateStore.StateStoreClient(invoker).InitAsync(new InitRequest { Metadata = settings }, cancellationToken: cancellationToken).ConfigureAwait(false);

    protected override async Task<IAsyncDisposable> StartAsync(ComponentConnection connection, string name, ComponentContext context, CancellationToken cancellationToken)
    {
        var features = await connection.CallAsync(
            (invoker, r, token) => new StateStore.StateStoreClient(invoker).FeaturesAsync(r, cancellationToken: token), new FeaturesRequest(), cancellationToken).ConfigureAwait(false);
        var logger = context.Logs.CreateLogger(typeof(PluggableStateStore).FullName!);
        return new PluggableStateStore(connection, new StateCapabilities
        {
            ETag = features.Features.Contains("ETAG"),
            Transactional = features.Features.Contains("TRANSACTIONAL"),
            Ttl = features.Features.Contains("TTL"),
            NamesConflictingKey = false,
            MaxTransactionOperations = limitsTransactions ? await MaxOperationsAsync(connection, logger, cancellationToken).ConfigureAwait(false) : 0,
            Names = [.. features.Features],
        });
    }

    // As in daprd, a component that cannot say has no limit.
    private static async Task<int> MaxOperationsAsync(ComponentConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            var response = await connection.CallAsync(
                (invoker, r, token) => new TransactionalStoreMultiMaxSize.TransactionalStoreMultiMaxSizeClient(invoker).MultiMaxSizeAsync(r, cancellationToken: token),
                new MultiMaxSizeRequest(),
                cancellationToken).ConfigureAwait(false);
            return (int)Math.Clamp(response.MaxSize, 0, int.MaxValue);
        }
        catch (ComponentCallException e)
        {
            Log.MultiMaxSizeFailed(logger, e.Message);
            return 0;
        }
    }
}
