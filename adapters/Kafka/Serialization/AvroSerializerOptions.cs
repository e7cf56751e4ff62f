using RealTimeMesh.Contracts;

namespace RealTimeMesh.Kafka.Serialization;

/// <summary>Settings of <see cref="AvroSerializer{T}"/>.</summary>
public sealed record AvroSerializerOptions
{
    /// <summary>The subject of each message's schema. Default: one a topic.</summary>
    public SubjectName Subject { get; init; } = SubjectNames.Topic;

    /// <summary>Registers the schema where the subject does not have it. Default true; without it an unregistered schema is an error.</summary>
    public bool AutoRegister { get; init; } = true;

    /// <summary>Writes with the subject's latest schema instead of the serializer's own. Default false; nothing is registered then.</summary>
    public bool UseLatest { get; init; }

    /// <summary>How long the latest schema counts as the latest. Default 5 minutes. While the registry is out it goes on counting.</summary>
    public TimeSpan LatestLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where messages carry the schema's id. Default: in front of the value.</summary>
    public SchemaIdPlace IdPlace { get; init; }

    /// <summary>Applies the rules that the registry has with the schema; one that cannot be applied here is an error. Default true.</summary>
    public bool ApplyRules { get; init; } = true;

    /// <summary>Registered with the schema; null for none.</summary>
    public ContractMetadata? Metadata { get; init; }
}
