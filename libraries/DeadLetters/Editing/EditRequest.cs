namespace RealTimeMesh.DeadLetters.Editing;

/// <summary>What is done to each of many messages: fields set by expressions, fields dropped, where a condition holds.</summary>
public sealed record EditRequest
{
    /// <summary>SQL expressions by field; <c>_key</c> is the message's key. All of them see the message as it was.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Only messages for which this is true; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>The edit as one text: <c>set price = cast(price as double), note = null drop extra where venue = 'X'</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Set.Count > 0)
            parts.Add("set " + string.Join(", ", Set.Select(set => $"{set.Key} = {set.Value}")));
        if (Drop.Count > 0)
            parts.Add("drop " + string.Join(", ", Drop));
        if (Where is { Length: > 0 } where)
            parts.Add("where " + where);
        return string.Join(' ', parts);
    }
}
