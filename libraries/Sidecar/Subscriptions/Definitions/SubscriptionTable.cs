namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The subscriptions of the app by who asked for them, and the rules of who gives way to whom. Immutable.</summary>
/// <param name="Declarative">In the order of the documents.</param>
/// <param name="Programmatic">In the order of the app's answer.</param>
internal sealed record SubscriptionTable(
    IReadOnlyList<SubscriptionDefinition> Declarative,
    IReadOnlyList<SubscriptionDefinition> Programmatic)
{
    public static SubscriptionTable Empty { get; } = new([], []);

    /// <summary>
    /// One subscription for each topic of a component: of documents the first wins, of the app's entries the last, and these
    /// over documents. A winner takes the place of the first in the list.
    /// </summary>
    public IReadOnlyList<SubscriptionDefinition> Merged()
    {
        var result = new List<SubscriptionDefinition>();
        var places = new Dictionary<(string PubSub, string Topic), int>();
        foreach (var definition in Declarative)
        {
            if (places.TryAdd((definition.PubSub, definition.Topic), result.Count))
                result.Add(definition);
        }

        foreach (var definition in Programmatic)
        {
            if (places.TryGetValue((definition.PubSub, definition.Topic), out var place))
            {
                result[place] = definition;
            }
            else
            {
                places.Add((definition.PubSub, definition.Topic), result.Count);
                result.Add(definition);
            }
        }

        return result;
    }
}
