namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>
/// What messages of one cause have in common: quoted values become <c>?</c>, words with a digit in them (numbers, times,
/// ids, addresses) become <c>#</c>, lists of either become one, and runs of white space one space.
/// </summary>
public static class MessageShape
{
    /// <summary>Messages are told apart by so many characters of their beginning.</summary>
    public const int MaxLength = 512;

    /// <summary>The shape of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="found">A value that the message may repeat unquoted; becomes <c>?</c> too.</param>
    public static string Of(string message, string? found = null)
    {
        var text = message.AsSpan(0, Math.Min(message.Length, MaxLength));
        Span<char> shape = stackalloc char[MaxLength];
        return new string(shape[..Write(text, found, shape)]);
    }

    /// <summary>Writes the shape of a message; returns its length, at most that of the message.</summary>
    internal static int Write(ReadOnlySpan<char> text, ReadOnlySpan<char> found, Span<char> shape)
    {
        var length = 0;
        var value = ValueStart(text, found);
        for (var i = 0; i < text.Length;)
        {
            if (i == value)
            {
                length = Place(shape, length, '?');
                i += found.Length;
            }
            else if (text[i] is '\'' or '"' or '`' && ClosingQuote(text, i) is > 0 and var end && (value < i || value > end))
            {
                length = Place(shape, length, '?');
                i = end + 1;
            }
            else if (IsWord(text[i]))
            {
                var word = WordEnd(text, i, value);
                if (text[i..word].ContainsAnyInRange('0', '9'))
                    length = Place(shape, length, '#');
                else
                    length += Copy(text[i..word], shape[length..]);
                i = word;
            }
            else
            {
                var c = char.IsWhiteSpace(text[i]) ? ' ' : text[i];
                if (c != ' ' || length == 0 || shape[length - 1] != ' ')
                    shape[length++] = c;
                i++;
            }
        }

        return length;
    }

    /// <summary>Where the message repeats the value as words of its own: after "found", else the first time; -1 where it does not.</summary>
    private static int ValueStart(ReadOnlySpan<char> text, ReadOnlySpan<char> found)
    {
        var first = -1;
        if (found.IsEmpty)
            return first;
        for (var from = 0; text[from..].IndexOf(found, StringComparison.Ordinal) is >= 0 and var place; from += place + 1)
        {
            var (start, end) = (from + place, from + place + found.Length);
            if ((start > 0 && IsWord(text[start - 1]) && IsWord(found[0])) || (end < text.Length && IsWord(text[end]) && IsWord(found[^1])))
                continue;
            if (text[..start].EndsWith("found ", StringComparison.Ordinal))
                return start;
            if (first < 0)
                first = start;
        }

        return first;
    }

    private static int Copy(ReadOnlySpan<char> word, Span<char> shape)
    {
        word.CopyTo(shape);
        return word.Length;
    }

    /// <summary>Adds a placeholder; of a list of them the first stays.</summary>
    private static int Place(Span<char> shape, int length, char placeholder)
    {
        var end = length;
        while (end > 0 && shape[end - 1] is ' ' or ',' or ';')
            end--;
        if (end > 0 && end < length && shape[end - 1] == placeholder)
            return end;
        shape[length] = placeholder;
        return length + 1;
    }

    /// <summary>Where the value in quotes ends; 0 where the mark is an apostrophe, or never closed.</summary>
    private static int ClosingQuote(ReadOnlySpan<char> text, int start)
    {
        if (start > 0 && char.IsLetterOrDigit(text[start - 1]))
            return 0;
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == text[start] && (i + 1 == text.Length || !char.IsLetterOrDigit(text[i + 1])))
                return i;
        }

        return 0;
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start, int stop)
    {
        var i = start + 1;
        while (i < text.Length && i != stop && (IsWord(text[i]) || (text[i] is '.' or ':' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))))
            i++;
        return i;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '-' or '_';
}
