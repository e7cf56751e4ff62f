using System.Buffers.Binary;

namespace RealTimeMesh.Garnet.Tests;

public sealed class AppendOnlyFileTailTests : IDisposable
{
    private const int Page = 1024;
    private const int Segment = 2048;

    private readonly string _folder = Directory.CreateTempSubdirectory("garnet-tail-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A commit record, written at an address.</summary>
    internal static byte[] Commit(long address, long number)
    {
        var record = new byte[44];
        var until = address + record.Length;
        BinaryPrimitives.WriteInt32LittleEndian(record, -40);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), 64 ^ until ^ number ^ -1L);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(16), 64);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), until);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), number);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(40), -1);
        return record;
    }

    [Fact]
    public void A_whole_file_is_left_as_it_is()
    {
        var log = Log(60);
        Write(log);
        var tail = Tail();
        Assert.Equal(-1, tail.Mend());
        Assert.Equal(log.Ends[^1], tail.Committed);
        Assert.Equal(log.Bytes, Read());
    }

    [Fact]
    public void Nothing_is_made_of_an_empty_folder()
    {
        Assert.Equal(-1, new AppendOnlyFileTail(Path.Combine(_folder, "AOF"), Page, Segment).Mend());
        Assert.Equal(-1, Tail().Mend());
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Wherever_the_last_sectors_end_all_whole_commits_stay()
    {
        var log = Log(60);
        // Every length that a kill can leave behind, and nothing of what follows.
        for (var length = 65; length <= log.Bytes.Length; length++)
        {
            Write((log.Bytes[..length], log.Ends));
            var tail = Tail();
            var from = tail.Mend();
            var committed = log.Ends.LastOrDefault(end => end <= length);
            Assert.True(committed == tail.Committed, $"a file of {length} bytes: found {tail.Committed} committed, expected {committed}");
            // A second look finds nothing more.
            Assert.Equal(-1, Tail().Mend());
            var kept = from < 0 ? length : (int)from;
            Assert.InRange(kept, committed, length);
            Assert.Equal(log.Bytes[..kept], Read()[..kept]);
            Assert.All(Read()[kept..], value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void What_was_written_behind_a_torn_commit_is_blanked_over_all_segments()
    {
        var log = Log(60);
        var bytes = log.Bytes.ToArray();
        var torn = (int)log.Ends[2] - 44;
        bytes.AsSpan(torn + 20, 20).Clear();
        Write((bytes, log.Ends));
        var tail = Tail();
        Assert.Equal(torn, tail.Mend());
        Assert.Equal(log.Ends[1], tail.Committed);
        Assert.Equal(bytes.Length, Read().Length);
        Assert.All(Read()[torn..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_file_whose_beginning_was_cut_is_read_from_its_last_commit_file_on()
    {
        var log = Log(60);
        Write(log);
        File.Delete(Path.Combine(_folder, "aof.log.0"));
        var commits = Directory.CreateDirectory(Path.Combine(_folder, "log-commits")).FullName;
        var first = log.Ends.First(end => end > Segment);
        File.WriteAllBytes(Path.Combine(commits, "commit.9.0"), CommitFile(first, 9));
        // Of a later one only the name was written.
        File.WriteAllBytes(Path.Combine(commits, "commit.10.0"), new byte[512]);
        var tail = Tail();
        Assert.Equal(-1, tail.Mend());
        Assert.Equal(log.Ends[^1], tail.Committed);
    }

    private static byte[] CommitFile(long until, long number)
    {
        var file = new byte[512];
        BinaryPrimitives.WriteInt32LittleEndian(file, 40);
        Commit(until - 44, number)[4..].CopyTo(file, 4);
        return file;
    }

    /// <summary>Records of many sizes, each followed by its commit, and the ends of the commits.</summary>
    private static (byte[] Bytes, List<long> Ends) Log(int records)
    {
        var random = new Random(17);
        var bytes = new byte[64 * Page];
        var ends = new List<long>();
        var at = 64;
        for (var number = 1; number <= records; number++)
        {
            var body = new byte[random.Next(1, 200)];
            random.NextBytes(body);
            at = Fit(at, 4 + body.Length);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), body.Length);
            body.CopyTo(bytes, at + 4);
            at = Fit((at + 4 + body.Length + 3) & ~3, 44);
            Commit(at, number).CopyTo(bytes, at);
            at += 44;
            ends.Add(at);
        }

        return (bytes[..at], ends);
    }

    /// <summary>A record that does not fit its page begins the next.</summary>
    private static int Fit(int at, int length) => (at % Page) + length <= Page ? at : ((at / Page) + 1) * Page;

    private AppendOnlyFileTail Tail() => new(_folder, Page, Segment);

    private void Write((byte[] Bytes, List<long> Ends) log)
    {
        foreach (var old in Directory.GetFiles(_folder))
            File.Delete(old);
        for (var at = 0; at < log.Bytes.Length; at += Segment)
            File.WriteAllBytes(Path.Combine(_folder, $"aof.log.{at / Segment}"), log.Bytes[at..Math.Min(at + Segment, log.Bytes.Length)]);
    }

    private byte[] Read()
    {
        List<byte> all = [];
        for (var segment = 0; File.Exists(Path.Combine(_folder, $"aof.log.{segment}")); segment++)
            all.AddRange(File.ReadAllBytes(Path.Combine(_folder, $"aof.log.{segment}")));
        return [.. all];
    }
}
