namespace RealTimeMesh.Console.Schemas;

/// <summary>A line of a difference.</summary>
/// <param name="Kind">' ' in both, '-' gone, '+' new.</param>
public readonly record struct DiffLine(char Kind, string Text);

/// <summary>Which lines of a text became which.</summary>
internal static class LineDiff
{
    // Longest common subsequences of more lines would take more memory than a page is worth.
    private const int MostLines = 2_000;

    public static IReadOnlyList<DiffLine> Of(string old, string now)
    {
        var (a, b) = (old.ReplaceLineEndings("\n").Split('\n'), now.ReplaceLineEndings("\n").Split('\n'));
        var begin = 0;
        while (begin < a.Length && begin < b.Length && a[begin] == b[begin])
            begin++;
        var end = 0;
        while (end < a.Length - begin && end < b.Length - begin && a[^(end + 1)] == b[^(end + 1)])
            end++;
        return [.. a[..begin].Select(line => new DiffLine(' ', line)), .. Middle(a[begin..(a.Length - end)], b[begin..(b.Length - end)]), .. a[(a.Length - end)..].Select(line => new DiffLine(' ', line))];
    }

    private static IEnumerable<DiffLine> Middle(string[] a, string[] b)
    {
        if (a.Length > MostLines || b.Length > MostLines)
            return [.. a.Select(line => new DiffLine('-', line)), .. b.Select(line => new DiffLine('+', line))];
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var k = b.Length - 1; k >= 0; k--)
                common[i, k] = a[i] == b[k] ? common[i + 1, k + 1] + 1 : Math.Max(common[i + 1, k], common[i, k + 1]);
        }

        var lines = new List<DiffLine>(a.Length + b.Length);
        for (int i = 0, k = 0; i < a.Length || k < b.Length;)
        {
            if (i < a.Length && k < b.Length && a[i] == b[k])
                (_, i, k) = (Add(' ', a[i]), i + 1, k + 1);
            else if (i < a.Length && (k == b.Length || common[i + 1, k] >= common[i, k + 1]))
                (_, i) = (Add('-', a[i]), i + 1);
            else
                (_, k) = (Add('+', b[k]), k + 1);
        }

        return lines;

        bool Add(char kind, string line)
        {
            lines.Add(new DiffLine(kind, line));
            return true;
        }
    }
}
