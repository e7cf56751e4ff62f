using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.RowGroups;

/// <summary>A file that is written anew of which most row groups stay as they are.</summary>
/// <param name="Kept">Groups without a changed row.</param>
/// <param name="Rewritten">The other rows.</param>
internal sealed record ReusedFile(AddFile File, ParquetFooter Footer, IReadOnlyList<RowGroup> Kept, IReadOnlyList<RowRange> Rewritten)
{
    public long KeptBytes => Kept.Sum(group => group.Bytes);

    public long RewrittenRows => Rewritten.Sum(range => range.End - range.First);

    /// <summary>What the other rows take in the file.</summary>
    public long RewrittenBytes => Footer.Groups.Sum(group => group.Bytes) - KeptBytes;

    /// <summary>The file without the groups that are not kept.</summary>
    public static ReusedFile Of(AddFile file, ParquetFooter footer, IReadOnlySet<int> touched)
    {
        List<RowGroup> kept = [];
        List<RowRange> rewritten = [];
        for (var i = 0; i < footer.Groups.Count; i++)
        {
            var group = footer.Groups[i];
            if (!touched.Contains(i))
                kept.Add(group);
            else if (rewritten.Count > 0 && rewritten[^1].End == group.First)
                rewritten[^1] = rewritten[^1] with { End = group.End };
            else
                rewritten.Add(new RowRange(group.First, group.End));
        }

        return new ReusedFile(file, footer, kept, rewritten);
    }
}
