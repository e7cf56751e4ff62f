using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>SQL text that cannot be read, resolved or evaluated. The text says where, what was found and what was expected.</summary>
public sealed class ExpressionException : RealTimeMeshException
{
    public ExpressionException(int position, string message, Exception? innerException = null)
        : base($"expression, position {position + 1}: {message}", innerException) => Position = position;

    private ExpressionException(string text, int position, string message, Exception? innerException)
        : base($"expression {text}, position {position + 1}: {message}", innerException) => Position = position;

    /// <summary>Characters before the place in the text.</summary>
    public int Position { get; }

    internal static ExpressionException In(string text, int position, string message, Exception? innerException = null) => new($"'{text}'", position, message, innerException);
}
