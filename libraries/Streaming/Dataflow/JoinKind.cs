namespace RealTimeMesh.Streaming;

/// <summary>Which rows a join gives besides the pairs.</summary>
[Flags]
public enum JoinKind
{
    /// <summary>Pairs only.</summary>
    Inner = 0,

    /// <summary>Rows of the left without a partner.</summary>
    Left = 1,

    /// <summary>Rows of the right without a partner.</summary>
    Right = 2,

    /// <summary>Rows of both without a partner.</summary>
    Full = Left | Right,
}
