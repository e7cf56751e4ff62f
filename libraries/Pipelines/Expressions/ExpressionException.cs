namespace RealTimeMesh.Pipelines;

/// <summary>A fault in an expression's text; caught by <see cref="ExpressionCompiler"/> and never seen outside.</summary>
internal sealed class ExpressionException(int position, string message) : Exception(message)
{
    /// <summary>0-based index into the text.</summary>
    public int Position { get; } = position;
}
