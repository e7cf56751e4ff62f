using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>The types of a view's columns under another schema of its stream.</summary>
internal sealed class ViewColumns(ViewDefinition view)
{
    /// <summary>What would be different; empty where nothing would. What cannot be bound is told by the loader.</summary>
    public string Change(RowSchema now)
    {
        var changes = new List<string>();
        foreach (var name in view.By)
        {
            var (old, at) = (view.From.Contract.Rows.Fields[view.From.Contract.Rows.IndexOf(name)], now.IndexOf(name));
            if (at >= 0 && now.Fields[at].Type != old.Type)
                changes.Add($"'{name}' is {NodeTypes.NameOf(now.Fields[at].Type)} instead of {NodeTypes.NameOf(old.Type)}");
        }

        foreach (var column in view.Select.Where(column => column.Argument is not null))
        {
            if (ExpressionCompiler.TryCompile(column.Argument!.Text, now, out var argument, out _) && argument.Type != column.Argument.Type)
                changes.Add($"'{column.Name}' is made of {NodeTypes.NameOf(argument.Type)} instead of {NodeTypes.NameOf(column.Argument.Type)}");
        }

        return string.Join(", ", changes);
    }
}
