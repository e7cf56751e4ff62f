using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>
/// <c>pubsub.kafka</c>: Kafka, Redpanda, Event Hubs and whatever else speaks Kafka's protocol. Settings, defaults and
/// meaning are those of daprd's component; see <c>components/README.md</c> for what differs.
/// </summary>
public sealed class KafkaPubSubType : IComponentType
{
    public string Name => "pubsub.kafka";

    public IReadOnlyList<ComponentSetting> Settings => KafkaSettings.All;

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var options = KafkaOptionsReader.Read(spec);
        var logger = context.Logs.CreateLogger("RealTimeMesh.Kafka");
        if (options.Producer["acks"] == "0")
            Log.NoAcknowledgement(logger);
        if (options.Client.GetValueOrDefault("enable.ssl.certificate.verification") == "false")
            Log.NotVerified(logger);
        var broker = new KafkaBroker(options, context.Time, new ClientFactory(options, spec, context.Time, logger), logger);
        try
        {
            await broker.ConnectAsync(cancellationToken);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }
}
