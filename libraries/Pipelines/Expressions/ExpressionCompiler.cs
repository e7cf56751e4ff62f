using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>
/// Compiles the SQL expressions of <c>pipeline.yaml</c> against a schema. Values follow DuckDB. An operation that
/// DuckDB would refuse for one row (overflow, a cast that fails) is NULL, as within DuckDB's <c>TRY</c>: an
/// expression never throws for a row. Division and remainder by zero are NULL, as in Spark and in DuckDB without
/// <c>ieee_floating_point_ops</c>. Integer arithmetic is 64-bit; decimals are computed as doubles. Compiled
/// expressions are thread-safe.
/// </summary>
public static class ExpressionCompiler
{
    /// <summary>Longest expression accepted, in characters.</summary>
    public const int MaxLength = 16_384;

    /// <summary>
    /// Compiles <paramref name="text"/>. False where it is wrong; <paramref name="error"/> then says the column
    /// (1-based, within the text), what was found and what was expected.
    /// </summary>
    public static bool TryCompile(
        string text, RowSchema schema, [NotNullWhen(true)] out BoundExpression? expression, [NotNullWhen(false)] out string? error)
    {
        expression = null;
        if (!TryParse(text, out var syntax, out error))
            return false;
        return TryBind(text, syntax, schema, out expression, out error);
    }

    internal static bool TryParse(string text, [NotNullWhen(true)] out Syntax? syntax, [NotNullWhen(false)] out string? error)
    {
        syntax = null;
        error = null;
        if (text.Length > MaxLength)
        {
            error = $"the expression has {text.Length} characters; at most {MaxLength} are accepted";
            return false;
        }

        try
        {
            syntax = Parser.Parse(text);
            return true;
        }
        catch (ExpressionException e)
        {
            error = Describe(e);
            return false;
        }
    }

    internal static bool TryBind(
        string text, Syntax syntax, RowSchema schema, [NotNullWhen(true)] out BoundExpression? expression, [NotNullWhen(false)] out string? error)
    {
        try
        {
            expression = new CompiledExpression(text, new Binder(schema).Bind(syntax));
            error = null;
            return true;
        }
        catch (ExpressionException e)
        {
            expression = null;
            error = Describe(e);
            return false;
        }
    }

    private static string Describe(ExpressionException e) => $"column {e.Position + 1}: {e.Message}";
}
