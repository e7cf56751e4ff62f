namespace RealTimeMesh.Console.Graphs;

/// <summary>
/// Places nodes in their columns: the column with most nodes first, in the order given; then its neighbours outward, each node at
/// the middle of what it is joined to, pushed down where it would overlap the one above.
/// </summary>
internal static class GraphLayout
{
    public const int NodeHeight = 78;
    public const int Gap = 14;
    private const int Padding = 2;

    public static PipelineGraph Place(IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphEdge> edges)
    {
        if (nodes.Count == 0)
            return new PipelineGraph(0, 0, [], []);
        var tops = new Dictionary<string, double>(StringComparer.Ordinal);
        var columns = nodes.GroupBy(node => node.Column).OrderBy(group => group.Key).ToDictionary(group => group.Key, group => group.ToList());
        var widest = columns.MaxBy(column => column.Value.Count).Key;
        var top = 0.0;
        foreach (var node in columns[widest])
        {
            tops[node.Id] = top;
            top += NodeHeight + Gap;
        }

        var middle = (top - Gap - NodeHeight) / 2;
        foreach (var column in columns.Keys.OrderBy(key => Math.Abs(key - widest)).Where(key => key != widest))
            PlaceColumn(columns[column], edges, tops, middle);

        var lowest = tops.Values.Min();
        var placed = nodes.Select(node => node with { Top = Math.Round(tops[node.Id] - lowest + Padding) }).ToList();
        return new PipelineGraph(columns.Keys.Max() + 1, (int)placed.Max(node => node.Top) + NodeHeight + Padding, placed, edges);
    }

    private static void PlaceColumn(List<GraphNode> column, IReadOnlyList<GraphEdge> edges, Dictionary<string, double> tops, double middle)
    {
        var wanted = column.Select((node, order) => (Node: node, Order: order, Top: Wish(node.Id, edges, tops) ?? middle)).OrderBy(item => item.Top).ThenBy(item => item.Order).ToList();
        // Nodes that wish for one place share it out around it.
        var next = double.NegativeInfinity;
        for (var i = 0; i < wanted.Count;)
        {
            var same = wanted.Skip(i).TakeWhile(item => Math.Abs(item.Top - wanted[i].Top) < 1).Count();
            var first = wanted[i].Top - ((same - 1) * (NodeHeight + Gap) / 2.0);
            for (var j = 0; j < same; j++, i++)
            {
                var place = Math.Max(next, first + (j * (NodeHeight + Gap)));
                tops[wanted[i].Node.Id] = place;
                next = place + NodeHeight + Gap;
            }
        }
    }

    private static double? Wish(string id, IReadOnlyList<GraphEdge> edges, Dictionary<string, double> tops)
    {
        var joined = edges.Where(edge => !edge.IsReject && (edge.From == id || edge.To == id))
            .Select(edge => edge.From == id ? edge.To : edge.From)
            .Where(tops.ContainsKey).Select(other => tops[other]).ToList();
        return joined.Count == 0 ? null : joined.Average();
    }
}
