using RealTimeMesh.Contracts;

namespace RealTimeMesh.Cel;

/// <summary>An expression that cannot be read or cannot be right: its text has cel-go's form, with line, column and the place marked.</summary>
public sealed class CelSyntaxException(string expression, int position, string fault) : RealTimeMeshException(Describe(expression, position, fault))
{
    /// <summary>Place in the expression, in characters from 0.</summary>
    public int Position { get; } = position;

    public string Fault { get; } = fault;

    private static string Describe(string expression, int position, string fault)
    {
        var at = Math.Min(position, expression.Length);
        var start = at == 0 ? 0 : expression.LastIndexOf('\n', at - 1) + 1;
        var end = expression.IndexOf('\n', start);
        var source = expression[start..(end < 0 ? expression.Length : end)];
        var line = expression.AsSpan(0, start).Count('\n') + 1;
        return $"ERROR: <input>:{line}:{at - start + 1}: {fault}\n | {source}\n | {new string('.', at - start)}^";
    }
}
