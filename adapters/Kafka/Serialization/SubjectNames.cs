using Confluent.Kafka;

namespace RealTimeMesh.Kafka.Serialization;

/// <summary>Gives the subject under which a message's schema stands in the registry.</summary>
/// <param name="context">Topic, and whether it is a key or a value.</param>
/// <param name="recordName">Full name of the schema's record; null where the schema has no name.</param>
public delegate string SubjectName(SerializationContext context, string? recordName);

/// <summary>The strategies that clients of other languages have too.</summary>
public static class SubjectNames
{
    /// <summary>One schema a topic: <c>orders-value</c>, <c>orders-key</c>.</summary>
    public static SubjectName Topic { get; } = static (context, _) => $"{context.Topic}-{(context.Component == MessageComponentType.Key ? "key" : "value")}";

    /// <summary>One schema a record, whatever the topic: <c>shop.Order</c>.</summary>
    public static SubjectName Record { get; } = static (_, name) => Required(name);

    /// <summary>One schema a record of a topic: <c>orders-shop.Order</c>.</summary>
    public static SubjectName TopicRecord { get; } = static (context, name) => $"{context.Topic}-{Required(name)}";

    private static string Required(string? name) => name
        ?? throw new RealTimeMesh.Contracts.ContractException("subject: found a schema without a name; expected a record, an enum or a fixed. Name subjects by topic.");
}
