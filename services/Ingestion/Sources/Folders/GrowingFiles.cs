using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>
/// Takes growing files stretch by stretch, each up to its last line break. A file is known by its first bytes: one that was
/// renamed is read on under its new name, one that was emptied or replaced is read from its beginning.
/// </summary>
internal sealed class GrowingFiles(SourceDefinition source, FileJournal journal, IngestionOptions options)
{
    /// <summary>Longest stretch, unless one record is longer.</summary>
    private const long StretchBytes = 16 * 1024 * 1024;

    private readonly FolderDefinition _folder = source.Folder!;

    /// <summary>Adds what of a file is to be read; nothing where no whole record is there.</summary>
    public async Task ExamineAsync(FoundFile file, List<JournalEntry> entries, CancellationToken cancellationToken)
    {
        var from = 0L;
        if (journal.FindLatest(file.Name)?.Entry is { } before)
        {
            if (await IsAsync(file.Name, before, cancellationToken))
                from = before.End;
            else if (await FindRotatedAsync(before, cancellationToken) is { } rest)
                entries.Add(rest);
        }
        else if (await FindRenamedAsync(file.Name, cancellationToken) is { } renamed)
        {
            from = renamed.End;
        }

        await AddAsync(file, from, entries, cancellationToken);
    }

    /// <summary>Where a stretch that was taken stands now: its file, or the one it was renamed to; null where it is gone.</summary>
    public static async Task<string?> LocateAsync(string folder, JournalEntry entry, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, entry.Name);
        if (await HasAsync(path, entry, cancellationToken))
            return path;
        foreach (var other in Directory.EnumerateFiles(Path.GetDirectoryName(path)!))
        {
            if (FileFormats.CompressionOf(other) is null && await HasAsync(other, entry, cancellationToken))
                return other;
        }

        return null;
    }

    private async Task AddAsync(FoundFile file, long from, List<JournalEntry> entries, CancellationToken cancellationToken)
    {
        var path = PathOf(file.Name);
        for (var end = from; from < file.Length; from = end)
        {
            end = await LastRecordEndAsync(path, from, file.Length, cancellationToken);
            if (end == from || await Fingerprints.OfAsync(path, end, growing: true, cancellationToken) is not { } hash)
                return;
            // Only what is read to its end is as it was listed: the rest is looked at again.
            entries.Add(new JournalEntry { Name = file.Name, From = from, End = end, Modified = end == file.Length ? file.Modified : 0, Hash = hash });
        }
    }

    /// <summary>The rest of a file that was renamed to a name which the pattern doesn't mean; null where there is none.</summary>
    private async Task<JournalEntry?> FindRotatedAsync(JournalEntry before, CancellationToken cancellationToken)
    {
        if (before.End == 0)
            return null;
        var scan = new FilePattern(_folder);
        var directory = Path.GetDirectoryName(PathOf(before.Name))!;
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            var name = Path.GetRelativePath(_folder.Path, path).Replace(Path.DirectorySeparatorChar, '/');
            var length = new FileInfo(path).Length;
            // One that the pattern means is found as a file of its own.
            if (name == before.Name || length <= before.End || FileFormats.CompressionOf(path) is not null || (scan.Matches(name) && !FilePattern.IsIgnored(Path.GetFileName(path))))
                continue;
            if (journal.FindLatest(name) is null && await IsAsync(name, before, cancellationToken) && await Fingerprints.OfAsync(path, length, growing: true, cancellationToken) is { } hash)
                return new JournalEntry { Name = name, From = before.End, End = length, Hash = hash };
        }

        return null;
    }

    /// <summary>The file that a new name was given to; null where the name is that of a new file.</summary>
    private async Task<JournalEntry?> FindRenamedAsync(string name, CancellationToken cancellationToken)
    {
        // Mostly of one length: that of the fingerprint.
        Dictionary<long, string?> hashes = [];
        foreach (var entry in journal.Latest.Where(entry => entry.End > 0 && entry.Name != name).ToList())
        {
            var length = Math.Min(entry.End, Fingerprints.GrowingBytes);
            if (!hashes.TryGetValue(length, out var hash))
                hashes[length] = hash = await Fingerprints.OfAsync(PathOf(name), length, growing: true, cancellationToken);
            if (hash == entry.Hash && await IsAsync(name, entry, cancellationToken) && !await IsAsync(entry.Name, entry, cancellationToken))
                return entry;
        }

        return null;
    }

    /// <summary>True where the file of a name begins as the one that was read.</summary>
    private Task<bool> IsAsync(string name, JournalEntry entry, CancellationToken cancellationToken) => HasAsync(PathOf(name), entry, cancellationToken);

    private static async Task<bool> HasAsync(string path, JournalEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await Fingerprints.OfAsync(path, entry.End, growing: true, cancellationToken) == entry.Hash;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private async Task<long> LastRecordEndAsync(string path, long from, long length, CancellationToken cancellationToken)
    {
        var part = new FilePart(path, source.Format!, from, length);
        var syntax = source.Format == FileFormats.Csv ? CsvSyntax.Of(source.Csv) : default(CsvSyntax) with { Comment = [] };
        await using var text = FilePartStream.Open(part, from);
        using var records = new CsvRecords(text, options, syntax, from);
        var end = from;
        while (end - from < StretchBytes && await records.FillAsync(cancellationToken) && !records.Ended)
        {
            while (end - from < StretchBytes && records.TryRead(out _))
                end = records.Offset;
        }

        return end;
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
