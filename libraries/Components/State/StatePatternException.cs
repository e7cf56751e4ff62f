using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>A pattern, prefix or continuation token that a store cannot use.</summary>
public sealed class StatePatternException(string message) : RealTimeMeshException(message)
{
    /// <summary>daprd's text for an empty pattern.</summary>
    public static StatePatternException EmptyPattern() => new("keys like pattern cannot be empty");
}
