using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Kafka;

/// <summary>What a subscription needs of its broker.</summary>
/// <param name="Decoder">Converts values; null where they are delivered as they are.</param>
/// <param name="Aborted">Cancelled when the broker goes down.</param>
internal sealed record SubscriptionServices(
    KafkaOptions Options,
    ClientFactory Clients,
    KafkaHeaders Headers,
    AvroValues? Decoder,
    TimeProvider Time,
    ILogger Logger,
    CancellationToken Aborted);
