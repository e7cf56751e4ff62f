using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Text functions count code points, as SQL does, not UTF-16 units.</summary>
internal static class TextFunctions
{
    public static long Length(string text)
    {
        var length = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
                length--;
        }

        return length;
    }

    /// <summary>1-based; a negative start counts from the end; what lies outside the text is left out.</summary>
    public static string Substring(string text, long start, long count)
    {
        var length = Length(text);
        long from;
        if (start > 0)
            from = start - 1;
        else if (start < 0)
            from = length + start;
        else
        {
            // Position 0 is before the first character, and takes one of the count.
            from = -1;
        }

        var to = count > long.MaxValue - Math.Max(from, 0) ? long.MaxValue : from + count;
        if (count < 0)
            (from, to) = (to, from);
        from = Math.Clamp(from, 0, length);
        to = Math.Clamp(to, from, length);
        if (length == text.Length)
            return text.Substring((int)from, (int)(to - from));

        var first = UnitIndex(text, from);
        return text[first..UnitIndex(text, to)];
    }

    /// <summary>SQL LIKE without an escape character: % is any run, _ one code point.</summary>
    public static bool Like(string text, string pattern)
    {
        int t = 0, p = 0, retryText = -1, retryPattern = -1;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%')
            {
                retryPattern = ++p;
                retryText = t;
            }
            else if (p < pattern.Length && pattern[p] == '_')
            {
                t += Step(text, t);
                p++;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                t++;
                p++;
            }
            else if (retryPattern >= 0)
            {
                p = retryPattern;
                retryText += Step(text, retryText);
                t = retryText;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%')
            p++;
        return p == pattern.Length;
    }

    private static int Step(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    private static int UnitIndex(string text, long codePoints)
    {
        var index = 0;
        for (; codePoints > 0 && index < text.Length; codePoints--)
            index += Step(text, index);
        return index;
    }
}

internal sealed class LikeNode(Node operand, Node pattern) : BooleanNode
{
    public override bool TryGetBoolean(ColumnBatch batch, int row, out bool value)
    {
        value = false;
        if (!operand.TryGetString(batch, row, out var text) || !pattern.TryGetString(batch, row, out var like))
            return false;
        value = TextFunctions.Like(text, like);
        return true;
    }
}

/// <summary><c>||</c> is NULL where a part is; <c>concat</c> leaves NULLs out.</summary>
internal sealed class ConcatNode(Node[] parts, bool skipNulls) : TextNode
{
    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.TryGetString(batch, row, out var piece))
                text.Append(piece);
            else if (!skipNulls)
            {
                value = "";
                return false;
            }
        }

        value = text.ToString();
        return true;
    }
}

internal sealed class SubstringNode(Node operand, Node start, Node? count) : TextNode
{
    public override bool TryGetString(ColumnBatch batch, int row, out string value)
    {
        value = "";
        var length = long.MaxValue;
        if (!operand.TryGetString(batch, row, out var text) || !start.TryGetInt64(batch, row, out var from))
            return false;
        if (count is not null && !count.TryGetInt64(batch, row, out length))
            return false;
        value = TextFunctions.Substring(text, from, length);
        return true;
    }
}
