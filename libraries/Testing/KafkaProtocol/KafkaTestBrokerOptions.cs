namespace RealTimeMesh.Testing.KafkaProtocol;

public sealed record KafkaTestBrokerOptions
{
    /// <summary>Partitions of topics made without a number. Default 1.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Topics come into being when a client that allows it asks for them, as Kafka's default is.</summary>
    public bool AutoCreate { get; init; } = true;

    /// <summary>How long an empty group waits for more members after the first. Default 50 ms; Kafka's is 3 s.</summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Requests that it does not know, as an older broker's.</summary>
    public IReadOnlySet<ApiKey> Without { get; init; } = new HashSet<ApiKey>();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
