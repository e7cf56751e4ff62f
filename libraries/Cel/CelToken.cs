namespace RealTimeMesh.Cel;

internal enum CelTokenKind : byte
{
    End,
    Identifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Symbol,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text as written; of a string literal, with prefix and quotes.</param>
/// <param name="Position">Place of its first character.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;

    public bool IsWord(string word) => Kind == CelTokenKind.Identifier && Text == word;
}
