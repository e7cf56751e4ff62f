using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>What the types of pluggable components have in common: settings go to the component, which alone knows them.</summary>
internal abstract class PluggableType(string category, string socket, PluggableOptions options) : IComponentType
{
    public string Name { get; } = $"{category}.{Path.GetFileNameWithoutExtension(socket)}";

    public IReadOnlyList<ComponentSetting> Settings => [];

    public bool AcceptsUnknownSettings => true;

    protected PluggableOptions Options { get; } = options;

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var settings = new MetadataRequest();
        foreach (var (name, value) in Settled(spec, context))
            settings.Properties[name] = value;
        var connection = new ComponentConnection(socket, spec.Name, Options, (invoker, token) => InitializeAsync(invoker, settings, token));
        try
        {
            await connection.ReadyAsync(cancellationToken).ConfigureAwait(false);
            return await StartAsync(connection, spec.Name, context, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    protected virtual IReadOnlyDictionary<string, string> Settled(ComponentSpec spec, ComponentContext context) => spec.Metadata;

    protected abstract Task InitializeAsync(CallInvoker invoker, MetadataRequest settings, CancellationToken cancellationToken);

    protected abstract Task<IAsyncDisposable> StartAsync(ComponentConnection connection, string name, ComponentContext context, CancellationToken cancellationToken);
}

/// <summary><c>pubsub.</c> and the socket's name.</summary>
internal sealed class PluggablePubSubType(string socket, PluggableOptions options) : PluggableType("pubsub", socket, options)
{
    private const string ConsumerSetting = "consumerID";

    protected override IReadOnlyDictionary<string, string> Settled(ComponentSpec spec, ComponentContext context)
    {
        // A consumer without a name of its own is the app.
        if (spec.Metadata.TryGetValue(ConsumerSetting, out var consumer) && !string.IsNullOrWhiteSpace(consumer))
            return spec.Metadata;
        return new Dictionary<string, string>(spec.Metadata, StringComparer.OrdinalIgnoreCase) { [ConsumerSetting] = context.AppId };
    }

    protected override async Task InitializeAsync(CallInvoker invoker, MetadataRequest settings, CancellationToken cancellationToken) =>
        await new PubSub.PubSubClient(invoker).InitAsync(new PubSubInitRequest { Metadata = settings }, cancellationToken: cancellationToken).ConfigureAwait(false);

    protected override async Task<IAsyncDisposable> StartAsync(ComponentConnection connection, string name, ComponentContext context, CancellationToken cancellationToken)
    {
        var features = await connection.CallAsync(
            (invoker, r, token) => new PubSub.PubSubClient(invoker).FeaturesAsync(r, cancellationToken: token), new FeaturesRequest(), cancellationToken).ConfigureAwait(false);
        var capabilities = new PubSubCapabilities
        {
            Groups = true,
            Redelivers = true,
            Positions = false,
            MessageTtl = features.Features.Contains("MESSAGE_TTL"),
            Names = [.. features.Features],
        };
        return new PluggableBroker(name, connection, capabilities, Options, context.Time, context.Logs.CreateLogger(typeof(PluggableBroker).FullName!));
    }
}

/// <summary><c>secretstores.</c> and the socket's name.</summary>
internal sealed class PluggableSecretStoreType(string socket, PluggableOptions options) : PluggableType("secretstores", socket, options)
{
    protected override async Task InitializeAsync(CallInvoker invoker, MetadataRequest settings, CancellationToken cancellationToken) =>
        await new SecretStore.SecretStoreClient(invoker).InitAsync(new SecretStoreInitRequest { Metadata = settings }, cancellationToken: cancellationToken).ConfigureAwait(false);

    protected override async Task<IAsyncDisposable> StartAsync(ComponentConnection connection, string name, ComponentContext context, CancellationToken cancellationToken)
    {
        var features = await connection.CallAsync(
            (invoker, r, token) => new SecretStore.SecretStoreClient(invoker).FeaturesAsync(r, cancellationToken: token), new FeaturesRequest(), cancellationToken).ConfigureAwait(false);
        return new PluggableSecretStore(connection, [.. features.Features]);
    }
}
