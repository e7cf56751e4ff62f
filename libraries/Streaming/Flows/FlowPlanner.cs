using System.Globalization;

namespace RealTimeMesh.Streaming;

/// <summary>Makes a dataflow of logical plans. What several views read is computed once; rows are selected before they are kept.</summary>
internal static class FlowPlanner
{
    /// <param name="name">Prefix of the dataflow's state rows.</param>
    /// <param name="views">Its views, in an order that does not change.</param>
    public static TaskPlan Plan(string name, IReadOnlyList<FlowView> views)
    {
        List<TaskSource> sources = [];
        foreach (var view in views)
            AddSources(view.Root, sources, isLast: true);
        var text = string.Join('\n', views.Select(view => $"{view.Name} by {string.Join(',', view.By)} retain {view.Retain} updates {view.Updates}: {FlowText.Of(view.Root)}"));
        var signature = DistinctSketch.Hash(text).ToString("x16", CultureInfo.InvariantCulture);
        return new TaskPlan(name, sources, signature, () => new GraphBuilder(sources).Build(views));
    }

    private static void AddSources(FlowNode node, List<TaskSource> sources, bool isLast = false)
    {
        switch (node)
        {
            case SourceNode source:
                if (sources.TrueForAll(other => other.Topic != source.Source.Topic))
                    sources.Add(source.Source);
                break;
            case SelectNode select:
                AddSources(select.Input, sources);
                break;
            case WindowNode window:
                AddSources(window.Input, sources);
                break;
            case DeduplicateNode first:
                AddSources(first.Input, sources);
                break;
            case TopNode top:
                if (!isLast && !top.IsWindowed)
                    throw new StreamingException($"top {top.Count}: found a step after the first rows since ever; expected it as the last one, because it replaces rows it has given; take the first rows of windows.");
                AddSources(top.Input, sources);
                break;
            case AsOfNode join:
                AddSources(join.Left, sources);
                AddSources(join.Right, sources);
                break;
            case FollowNode follow:
                AddSources(follow.First, sources);
                AddSources(follow.Second, sources);
                break;
            case JoinNode join:
                AddSources(join.Left, sources);
                AddSources(join.Right, sources);
                break;
        }
    }
}
