namespace RealTimeMesh.Console.Graphs;

/// <summary>A pipeline drawn: nodes in columns, edges from left to right.</summary>
/// <param name="Height">Pixels.</param>
public sealed record PipelineGraph(int Columns, int Height, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges);

/// <summary>One box. <c>Top</c> is set by the layout, in pixels.</summary>
public sealed record GraphNode(string Id, int Column, string Kind, string Title, string Main, string Detail, string Href)
{
    /// <summary><c>ok</c>, <c>active</c>, <c>warn</c>, <c>bad</c> or <c>idle</c>.</summary>
    public string Tone { get; init; } = "ok";

    /// <summary>0 to 1, where the node has an end to reach.</summary>
    public double? Progress { get; init; }

    public double Top { get; init; }
}

/// <param name="Flow">0 for nothing moving, up to 4.</param>
/// <param name="IsReject">Carries what was refused.</param>
public sealed record GraphEdge(string From, string To, int Flow, bool IsReject = false);
