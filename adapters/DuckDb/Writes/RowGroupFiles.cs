using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.RowGroups;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Makes data files of row groups of other data files.</summary>
/// <param name="root">Folder that the files' paths are relative to.</param>
/// <param name="targetBytes">Bytes that a file should have.</param>
/// <param name="track">Told of every file before it is begun.</param>
internal sealed class RowGroupFiles(string root, long targetBytes, Action<string> track)
{
    /// <summary>Reused files without the groups that were written anew. New rows go into one of them where they fit; the other files of new rows are given back as they are.</summary>
    public IReadOnlyList<WrittenFile> Write(IReadOnlyCollection<ReusedFile> reused, IReadOnlyList<WrittenFile> written, CancellationToken cancellationToken)
    {
        var open = reused.ToDictionary(file => file, file => new List<(WrittenFile File, ParquetFooter Footer)>());
        List<WrittenFile> result = [];
        foreach (var piece in written)
        {
            if (HostOf(piece, open) is var (host, footer))
                open[host].Add((piece, footer));
            else
                result.Add(piece);
        }

        foreach (var (file, pieces) in open)
        {
            IReadOnlyList<(ParquetFooter, IReadOnlyList<RowGroup>)> parts = [(file.Footer, file.Kept), .. pieces.Select(piece => (piece.Footer, piece.Footer.Groups))];
            result.Add(Write(Path.Combine(root, DataFiles.FolderOf(file.File)), parts, file.File.PartitionValues, cancellationToken));
            foreach (var (piece, _) in pieces)
                File.Delete(piece.Path);
        }

        return result;
    }

    /// <summary>Files much larger than they should be as several of about one size; a file ends only with a row group.</summary>
    public IReadOnlyList<WrittenFile> Split(IReadOnlyList<WrittenFile> written, CancellationToken cancellationToken)
    {
        List<WrittenFile> result = [];
        foreach (var file in written)
        {
            if (file.Bytes <= targetBytes + (targetBytes / 4) || ParquetFooter.TryRead(file.Path) is not { Groups.Count: > 1 } footer)
            {
                result.Add(file);
                continue;
            }

            foreach (var groups in Share(footer.Groups, (file.Bytes + targetBytes - 1) / targetBytes))
                result.Add(Write(Path.GetDirectoryName(file.Path)!, [(footer, groups)], file.Values, cancellationToken));
            File.Delete(file.Path);
        }

        return result;
    }

    private static IEnumerable<IReadOnlyList<RowGroup>> Share(IReadOnlyList<RowGroup> groups, long files)
    {
        var total = groups.Sum(group => group.Bytes);
        var (number, bytes) = (1L, 0L);
        List<RowGroup> share = [];
        foreach (var group in groups)
        {
            share.Add(group);
            bytes += group.Bytes;
            if (bytes * files < total * number)
                continue;
            yield return share;
            share = [];
            number = (bytes * files / total) + 1;
        }

        if (share.Count > 0)
            yield return share;
    }

    /// <summary>The smallest file that new rows may go into: of their partition and schema, and not growing beyond what a file should be.</summary>
    private (ReusedFile Host, ParquetFooter Footer)? HostOf(WrittenFile piece, Dictionary<ReusedFile, List<(WrittenFile File, ParquetFooter Footer)>> open)
    {
        if (ParquetFooter.TryRead(piece.Path) is not { } footer)
            return null;
        var hosts = open.Where(item => IsSamePartition(item.Key.File, piece) && item.Key.Footer.IsAlike(footer))
            .Select(item => (File: item.Key, Bytes: item.Key.KeptBytes + item.Value.Sum(other => other.File.Bytes) + piece.Bytes, NewRows: item.Value.Sum(other => other.File.Rows) + piece.Rows))
            .Where(item => item.Bytes <= targetBytes + (targetBytes / 4) || item.NewRows <= item.File.RewrittenRows);
        return hosts.OrderBy(item => item.Bytes).Select(item => ((ReusedFile, ParquetFooter)?)(item.File, footer)).FirstOrDefault();
    }

    private static bool IsSamePartition(AddFile file, WrittenFile piece) =>
        file.PartitionValues.Count == piece.Values.Count && piece.Values.All(item => file.PartitionValues.TryGetValue(item.Key, out var value) && value == item.Value);

    private WrittenFile Write(string folder, IReadOnlyList<(ParquetFooter File, IReadOnlyList<RowGroup> Groups)> parts, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"part-{Guid.NewGuid():D}.parquet");
        track(path);
        RowGroupCopy.Write(path, parts, cancellationToken);
        return new WrittenFile(path, parts.Sum(part => part.Groups.Sum(group => group.Rows)), new FileInfo(path).Length, values);
    }
}
