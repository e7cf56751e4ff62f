using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace RealTimeMesh.Garnet;

/// <summary>
/// The end of Garnet's append-only file as a kill leaves it. Memory is written to the file by whole sectors, so its last sector may hold the
/// beginning of a commit record whose rest was never written and reads as zeros. Garnet takes that for a commit of an empty file and starts
/// without any of its records. Such a beginning is blanked before Garnet opens the file: nothing behind the last whole commit was ever acknowledged.
/// </summary>
/// <remarks>
/// The file, as version 2.2.8 writes it: segments of equal size, <c>aof.log.N</c>, made of pages; records lie within one page, each a length of
/// four bytes and a body, aligned to four bytes; a length of zero ends a page; a negative one is of a commit record, whose body is version,
/// checksum, begin address, until address, number and length of the cookie. <c>log-commits/commit.N.0</c> has the same body behind its length.
/// </remarks>
internal sealed class AppendOnlyFileTail(string folder, int pageBytes, long segmentBytes)
{
    private const int FirstAddress = 64;
    private const int HeaderBytes = sizeof(int);
    private const int CommitBytes = 40;
    private const int LatestVersion = 1;

    /// <summary>The address up to which all is committed. 0 where there is no file.</summary>
    public long Committed { get; private set; }

    /// <summary>Looks at everything behind the last commit that has a file of its own.</summary>
    /// <returns>The address from which on the file was blanked; -1 where its end is whole.</returns>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public long Mend()
    {
        if (!Directory.Exists(folder))
            return -1;
        Committed = LastCommitFile();
        var start = Math.Max(Committed, FirstAddress);
        var page = ArrayPool<byte>.Shared.Rent(pageBytes);
        try
        {
            for (var address = start - (start % pageBytes); ReadPage(address, page.AsSpan(0, pageBytes)); address += pageBytes)
            {
                if (Torn(page.AsSpan(0, pageBytes), (int)Math.Max(start - address, 0)) is >= 0 and var offset)
                {
                    Blank(address + offset);
                    return address + offset;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }

        return -1;
    }

    /// <summary>Where a torn commit record begins; -1 where there is none, or where Garnet stops reading anyway.</summary>
    private int Torn(ReadOnlySpan<byte> page, int offset)
    {
        while (offset + HeaderBytes <= page.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(page[offset..]);
            if (length == 0)
                return -1;
            var end = offset + HeaderBytes + Math.Abs((long)length);
            if (length < 0)
            {
                // A record that claims more than its page has is no commit of Garnet's: its body is of fixed size.
                if (end > page.Length || Until(page[(offset + HeaderBytes)..(int)end]) is not { } until)
                    return offset;
                Committed = until;
            }
            else if (end > page.Length)
            {
                return -1;
            }

            offset = (int)((end + 3) & ~3L);
        }

        return -1;
    }

    /// <summary>Until where a commit record says that all is committed; null where it is not whole.</summary>
    private static long? Until(ReadOnlySpan<byte> body)
    {
        if (body.Length < CommitBytes)
            return null;
        var version = BinaryPrimitives.ReadInt32LittleEndian(body);
        var checksum = BinaryPrimitives.ReadInt64LittleEndian(body[4..]);
        var begin = BinaryPrimitives.ReadInt64LittleEndian(body[12..]);
        var until = BinaryPrimitives.ReadInt64LittleEndian(body[20..]);
        var number = BinaryPrimitives.ReadInt64LittleEndian(body[28..]);
        // Garnet by itself has no cookies: then -1. What has one, and room for it, is somebody else's and left as it is.
        var cookie = BinaryPrimitives.ReadInt32LittleEndian(body[36..]);
        var isWhole = cookie > 0 ? body.Length >= CommitBytes + (long)cookie : checksum == (begin ^ until ^ number ^ cookie);
        return isWhole && until > 0 && version is >= 0 and <= LatestVersion ? until : null;
    }

    /// <summary>Reads a page; what the file does not have of it is zero. False where it has nothing of it.</summary>
    private bool ReadPage(long address, Span<byte> page)
    {
        var path = SegmentPath(address / segmentBytes);
        if (!File.Exists(path))
            return false;
        using var file = File.OpenHandle(path);
        var read = 0;
        while (read < page.Length && RandomAccess.Read(file, page[read..], (address % segmentBytes) + read) is > 0 and var count)
            read += count;
        page[read..].Clear();
        return read > 0;
    }

    private void Blank(long address)
    {
        var zeros = new byte[4096];
        for (var segment = address / segmentBytes; File.Exists(SegmentPath(segment)); segment++)
        {
            using var file = new FileStream(SegmentPath(segment), FileMode.Open, FileAccess.ReadWrite);
            file.Position = Math.Max(address - (segment * segmentBytes), 0);
            while (file.Position < file.Length)
                file.Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, file.Length - file.Position)));
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Until where the newest whole commit file says that all is committed. 0 where there is none.</summary>
    private long LastCommitFile()
    {
        var commits = Path.Combine(folder, "log-commits");
        if (!Directory.Exists(commits))
            return 0;
        foreach (var path in Directory.EnumerateFiles(commits, "commit.*.0").OrderByDescending(Number))
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes) is var length && (length < CommitBytes || length > bytes.Length - HeaderBytes))
                continue;
            if (Until(bytes.AsSpan(HeaderBytes, length)) is { } until)
                return until;
        }

        return 0;
    }

    private static long Number(string path) =>
        long.TryParse(Path.GetFileName(path).Split('.')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private string SegmentPath(long segment) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"aof.log.{segment}"));
}
