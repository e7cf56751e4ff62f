using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What comes with a message beside its value, as names and texts.</summary>
internal static class MessageMetadata
{
    public const string PubSubName = "pubsubName";

    /// <summary>The message's headers, the component, and where the broker has positions the message's place in the words of daprd's Kafka component.</summary>
    public static List<KeyValuePair<string, string>> Of(DeliveryBatch batch, in DeliveredMessage message, string topic, PubSubComponent component)
    {
        var pairs = new List<KeyValuePair<string, string>>(8);
        foreach (var header in message.Headers)
            pairs.Add(new(Encoding.UTF8.GetString(header.Name), Encoding.UTF8.GetString(header.Value)));
        pairs.Add(new(PubSubName, component.Name));
        if (!component.Broker.Capabilities.Offsets)
            return pairs;
        pairs.Add(new("__topic", topic));
        if (message.Key is not null)
            pairs.Add(new("__key", message.Key));
        pairs.Add(new("__partition", $"{batch.Partition}"));
        pairs.Add(new("__offset", $"{message.Offset}"));
        pairs.Add(new("__timestamp", $"{message.Timestamp}"));
        return pairs;
    }
}
