using System.Text;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Which records a query shows.</summary>
internal sealed class MessageFilter(string? contains, IReadOnlyList<string> where)
{
    private readonly Comparison[] _comparisons = [.. where.Select(Comparison.Parse)];

    public bool IsEmpty { get; } = string.IsNullOrEmpty(contains) && where.Count == 0;

    public bool Admits(PlacedRecord placed, DecodedValue value) =>
        Array.TrueForAll(_comparisons, comparison => comparison.Holds(placed, value)) && (string.IsNullOrEmpty(contains) || Contains(placed, value, contains));

    private static bool Contains(PlacedRecord placed, DecodedValue value, string text)
    {
        if (value.Text.Contains(text, StringComparison.OrdinalIgnoreCase))
            return true;
        if (placed.Record.Key is { } key && MessageDecoder.Label(key.Span).Contains(text, StringComparison.OrdinalIgnoreCase))
            return true;
        foreach (var header in placed.Record.Headers)
        {
            if (Encoding.UTF8.GetString(header.Value).Contains(text, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
