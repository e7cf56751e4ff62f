namespace RealTimeMesh.DeltaLake;

/// <summary>Order of strings by their UTF-8 bytes, and bounds cut to 32 characters as Spark cuts them.</summary>
internal static class StringBounds
{
    private const int MaxLength = 32;

    /// <summary>Compares by code point: UTF-16 order differs where one string has a surrogate pair and the other a character above it.</summary>
    public static int Compare(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length - b.Length;
        int x = a[same], y = b[same];
        if (x >= 0xD800 && y >= 0xD800)
        {
            x = x >= 0xE000 ? x - 0x800 : x + 0x2000;
            y = y >= 0xE000 ? y - 0x800 : y + 0x2000;
        }

        return x - y;
    }

    /// <summary>A prefix is never above the whole.</summary>
    public static string Lower(string text) => text.Length <= MaxLength ? text : text[..Cut(text)];

    /// <summary>A prefix and a character above whatever was cut; null where there is none.</summary>
    public static string? Upper(string text)
    {
        if (text.Length <= MaxLength)
            return text;
        var cut = Cut(text);
        // The rune after the cut decides the first byte that differs.
        if (!System.Text.Rune.TryGetRuneAt(text, cut, out var next) || next.Value >= 0x10FFFF)
            return null;
        return text[..cut] + (next.Value < 0x7F ? "\u007F" : char.ConvertFromUtf32(0x10FFFF));
    }

    private static int Cut(string text) => char.IsLowSurrogate(text[MaxLength]) && char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
}
