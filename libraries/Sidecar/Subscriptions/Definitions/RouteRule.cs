using RealTimeMesh.Cel;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Where matching events go.</summary>
/// <param name="Text">The expression as written; empty for all events.</param>
/// <param name="Match">The expression, null for all events.</param>
/// <param name="Path">As written: of an HTTP app, also without the leading slash.</param>
internal sealed record RouteRule(string Text, CelExpression? Match, string Path)
{
    /// <summary>Throws <see cref="CelSyntaxException"/> where the expression cannot be read.</summary>
    public static RouteRule Parse(string? match, string? path) =>
        match?.Trim() is { Length: > 0 } text ? new RouteRule(text, CelExpression.Parse(text), path ?? "") : All(path ?? "");

    /// <summary>A rule for all events.</summary>
    public static RouteRule All(string path) => new("", null, path);
}
