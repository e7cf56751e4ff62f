namespace RealTimeMesh.Pipelines;

/// <summary>"Did you mean": the nearest known name by edit distance, transpositions counted as one.</summary>
internal static class Suggestion
{
    public static string? For(string found, IEnumerable<string> known)
    {
        var limit = Math.Max(1, found.Length / 3);
        string? best = null;
        foreach (var name in known)
        {
            var distance = Distance(found.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance <= limit)
            {
                best = name;
                limit = distance - 1;
            }
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
