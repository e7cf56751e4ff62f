using System.Globalization;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>top</c> of a view: how many rows of a group are kept, and by which order.</summary>
internal static class TopSection
{
    private const int Most = 1000;

    /// <param name="element">The section.</param>
    /// <param name="columns">Columns of the rows.</param>
    /// <param name="by">Fields of the view's <c>by</c>: the group, where <c>top</c> names none.</param>
    /// <param name="keys">Columns that hold the stream's key, of which one must be of the group; null where they are not known.</param>
    public static FlowTopDefinition? Read(YamlElement element, IReadOnlyCollection<string> columns, IReadOnlyList<string> by, IReadOnlyCollection<string>? keys)
    {
        if (element.Map("{ count: 10, by: [seller], order: [price desc] }", "count", "by", "order") is not { } map)
            return null;
        var count = map.Require("count", "how many rows of a group are kept") is { } countElement ? ReadCount(countElement) : null;
        var group = map.TryFind("by", out var byElement) ? byElement.Texts("a list of columns") : by;
        var order = map.Require("order", "a list of columns, such as [price desc]") is { } orderElement ? ReadOrder(orderElement, columns) : null;
        foreach (var unknown in group?.Where(name => !columns.Contains(name)) ?? [])
            (byElement ?? element).Fault($"'{unknown}'", $"one of {string.Join(", ", columns)}", "Name a column of the view.");
        if (group is not null && keys is not null && !group.Intersect(keys).Any())
            (byElement ?? element).Fault($"groups without '{keys.FirstOrDefault() ?? "the stream's key"}'", "the stream's key among the columns: it decides the partition, and each is computed by itself", "Add it, or key the stream by what you group by.");
        return count is null || group is null || order is null ? null : new FlowTopDefinition(count.Value, group, order);
    }

    private static int? ReadCount(YamlElement element)
    {
        if (element.Text("a number") is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most)
            return count;
        element.Fault($"'{text}'", $"a number from 1 to {Most}", "Write a whole number, such as 10.");
        return null;
    }

    private static List<(string Column, bool Descending)>? ReadOrder(YamlElement element, IReadOnlyCollection<string> columns)
    {
        if (element.Texts("a list of columns, such as [price desc]") is not { } texts)
            return null;
        if (texts.Count == 0)
            element.Fault("an empty list", "at least one column", "Name the columns by which rows are ranked.");
        List<(string Column, bool Descending)> order = [];
        foreach (var text in texts)
        {
            var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length is 0 or > 2 || (parts.Length == 2 && parts[1] is not ("asc" or "desc")))
                element.Fault($"'{text}'", "a column, and 'asc' or 'desc' after it", "Write it as 'price desc'.");
            else if (!columns.Contains(parts[0]))
                element.Fault($"'{parts[0]}'", $"one of {string.Join(", ", columns)}", Suggestion.For(parts[0], columns) is { } near ? $"Did you mean '{near}'?" : "Name a column of the view.");
            else
                order.Add((parts[0], parts is [_, "desc"]));
        }

        return order;
    }
}
