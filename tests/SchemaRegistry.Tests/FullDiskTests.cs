using Microsoft.Extensions.Logging.Abstractions;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class FullDiskTests
{
    [Fact]
    public void An_entry_that_does_not_fit_is_refused_whole_and_the_next_one_is_stored()
    {
        using var folder = new TemporaryFolder();
        FullingDisk disk = null!;
        using (var log = SchemaLog.TryOpen(folder.Path, _ => { }, NullLogger.Instance, path => disk = new FullingDisk(path))!)
        {
            log.Append(new CompatibilitySet("a", "FULL"));
            disk.Room = 10;
            var refusal = Assert.Throws<RegistryException>(() => log.Append(new CompatibilitySet("b", "FULL")));
            disk.Room = int.MaxValue;
            log.Append(new CompatibilitySet("c", "FULL"));

            Assert.Equal((500, 50001), (refusal.Status, refusal.Code));
        }

        Assert.Equal([new CompatibilitySet("a", "FULL"), new CompatibilitySet("c", "FULL")], Reopen(folder));
    }

    [Fact]
    public void A_log_that_cannot_be_mended_accepts_nothing_more_until_it_is_reopened()
    {
        using var folder = new TemporaryFolder();
        FullingDisk disk = null!;
        using (var log = SchemaLog.TryOpen(folder.Path, _ => { }, NullLogger.Instance, path => disk = new FullingDisk(path))!)
        {
            log.Append(new CompatibilitySet("a", "FULL"));
            disk.Room = 10;
            disk.Dead = true;
            Assert.Throws<RegistryException>(() => log.Append(new CompatibilitySet("b", "FULL")));
            disk.Room = int.MaxValue;
            disk.Dead = false;
            Assert.Throws<RegistryException>(() => log.Append(new CompatibilitySet("c", "FULL")));
        }

        Assert.Equal([new CompatibilitySet("a", "FULL")], Reopen(folder));
    }

    private static List<LogEntry> Reopen(TemporaryFolder folder)
    {
        var entries = new List<LogEntry>();
        SchemaLog.TryOpen(folder.Path, entries.Add, NullLogger.Instance)!.Dispose();
        return entries;
    }

    /// <summary>Takes as many bytes of a write as it has room for, then fails, as a full disk does.</summary>
    private sealed class FullingDisk(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0)
    {
        public int Room { get; set; } = int.MaxValue;

        /// <summary>Nothing can be taken back either.</summary>
        public bool Dead { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..Math.Min(Room, buffer.Length)]);
            if (Room < buffer.Length)
                throw new IOException("No space left on device");
        }

        public override void SetLength(long value)
        {
            if (Dead)
                throw new IOException("Input/output error");

            base.SetLength(value);
        }
    }
}
