using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>The types of a view's columns under another schema of what it reads.</summary>
internal sealed class ViewColumns(RowSchema old, IReadOnlyList<string> by, IReadOnlyList<AggregateDefinition> aggregates, IReadOnlyList<(string Name, BoundExpression Value)> columns)
{
    public static ViewColumns Of(ViewDefinition view) => new(view.From.Contract.Rows, view.By, view.Select, []);

    public static ViewColumns Of(FlowDefinition view) =>
        new(Rows(view, null, null), view.Window is null ? [] : view.By, view.Aggregates, view.Columns);

    /// <summary>The fields that a view's expressions are over, with other fields of one of its streams.</summary>
    public static RowSchema Rows(FlowDefinition view, StreamDefinition? changed, RowSchema? now)
    {
        RowSchema Of(StreamDefinition stream) => stream.Topic == changed?.Topic ? now! : stream.Contract.Rows;
        if (view.Join is { Mode: FlowJoinMode.NotFollowed } absent)
            return Of(absent.Left);
        return view.Join is { } join ? JoinCondition.RowsOf(Of(join.Left), Of(join.Right), join.KeepsRight, join.KeepsLeft) : Of(view.From!);
    }

    /// <summary>What would be different; empty where nothing would. What cannot be bound is told by the loader.</summary>
    public string Change(RowSchema now)
    {
        var changes = new List<string>();
        foreach (var name in by)
        {
            var (before, at) = (old.Fields[old.IndexOf(name)], now.IndexOf(name));
            if (at >= 0 && now.Fields[at].Type != before.Type)
                changes.Add($"'{name}' is {NodeTypes.NameOf(now.Fields[at].Type)} instead of {NodeTypes.NameOf(before.Type)}");
        }

        // The text of an aggregate's argument is that of the whole aggregate.
        foreach (var column in aggregates)
        {
            if (column.Argument is { } before && AggregateParser.TryCompile(column.Name, before.Text, now, out var aggregate, out _) && aggregate.Argument!.Type != before.Type)
                changes.Add($"'{column.Name}' is made of {NodeTypes.NameOf(aggregate.Argument.Type)} instead of {NodeTypes.NameOf(before.Type)}");
        }

        foreach (var (name, before) in columns)
        {
            if (ExpressionCompiler.TryCompile(before.Text, now, out var value, out _) && value.Type != before.Type)
                changes.Add($"'{name}' is {NodeTypes.NameOf(value.Type)} instead of {NodeTypes.NameOf(before.Type)}");
        }

        return string.Join(", ", changes);
    }
}
