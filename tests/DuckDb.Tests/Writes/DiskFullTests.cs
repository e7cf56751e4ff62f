using System.Diagnostics;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Validation;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>A table on a file system that is really full: writes fail clearly, reads go on, and the next write after room was made works.</summary>
public sealed class DiskFullTests : IDisposable
{
    private static readonly RowSchema s_schema = new([new Field("id", FieldType.Int64, false), new Field("pad", FieldType.String, true)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("delta-full-").FullName;
    private readonly List<string> _faults = [];
    private bool _isMounted;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Disk => Path.Combine(_folder, "mnt");

    private string Filler => Path.Combine(Disk, "filler");

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Every_write_to_a_full_disk_fails_clearly_and_the_next_one_works(string vectors)
    {
        Mount();
        var table = Open();
        await table.WriteAsync(new WriteRequest(RowSource.Query(Rows(0, 1000))) { Properties = new Dictionary<string, string?> { ["delta.enableDeletionVectors"] = vectors, ["delta.checkpointInterval"] = "100" } }, Cancel);
        await table.AppendAsync(RowSource.Query(Rows(1000, 1000)), Cancel);
        foreach (var left in new[] { 0, 4096, 24_576 })
        {
            foreach (var (name, write) in Writes(table))
            {
                Fill(left);
                var before = (await table.GetSnapshotAsync(null, Cancel))!;
                if (await Record.ExceptionAsync(write) is { } fault)
                {
                    Assert.True(fault is RealTimeMeshException, $"{name} with {left} bytes left: {fault}");
                    Assert.Contains("the disk is full", fault.Message, StringComparison.Ordinal);
                    Assert.Contains(Disk, fault.Message, StringComparison.Ordinal);
                    Assert.Equal(before.Version, (await Open().GetSnapshotAsync(null, Cancel))!.Version);
                }
                else
                {
                    Assert.True(left > 0, $"{name} did not fail");
                }

                await RequireReadableAsync();
                File.Delete(Filler);
            }
        }

        foreach (var (_, write) in Writes(table))
            await write();
        await RequireReadableAsync();
        Assert.Empty(Directory.EnumerateFiles(Disk, "*.tmp", SearchOption.AllDirectories));
        WrittenTables.Check(Disk);
    }

    [Fact]
    public async Task A_read_only_file_system_is_read_and_every_write_says_so()
    {
        Mount();
        var table = Open();
        await table.AppendAsync(RowSource.Query(Rows(0, 1000)), Cancel);
        await table.AppendAsync(RowSource.Query(Rows(1000, 1000)), Cancel);
        Assert.True(Run("mount", "-o", "remount,ro", Disk));
        foreach (var (name, write) in Writes(table))
        {
            var fault = await Record.ExceptionAsync(write);
            Assert.True(fault is RealTimeMeshException && fault.Message.Contains("read-only", StringComparison.OrdinalIgnoreCase) && fault.Message.Contains(Disk, StringComparison.Ordinal), $"{name}: {fault}");
        }

        await RequireReadableAsync();
        Assert.True(Run("mount", "-o", "remount,rw", Disk));
        foreach (var (_, write) in Writes(table))
            await write();
        WrittenTables.Check(Disk);
    }

    [Fact]
    public async Task A_checkpoint_and_a_checksum_that_do_not_fit_do_not_fail_the_commit()
    {
        Mount();
        var table = Open();
        await table.WriteAsync(new WriteRequest(RowSource.Query(Rows(0, 100))) { Properties = new Dictionary<string, string?> { ["delta.checkpointInterval"] = "1" } }, Cancel);
        var snapshot = (await table.GetSnapshotAsync(null, Cancel))!;
        // The commit takes one page; nothing is left for what follows it.
        Fill(4096);
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(snapshot).SetTransaction("app", 1).CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
        Assert.NotEmpty(_faults);
        Assert.Equal(1, (await Open().GetSnapshotAsync(null, Cancel))!.Version);
        File.Delete(Filler);
        await table.AppendAsync(RowSource.Query(Rows(100, 100)), Cancel);
        Assert.Equal(200, (await Open().GetSnapshotAsync(null, Cancel))!.RowCount);
        WrittenTables.Check(Disk);
    }

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", Disk);
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<(string Name, Func<Task> Write)> Writes(DeltaTable table) =>
    [
        ("append", () => table.AppendAsync(RowSource.Query(Rows(2000, 1000)), Cancel)),
        ("streamed append", async () =>
        {
            var batch = new ColumnBatch(s_schema);
            for (var i = 0; i < 2000; i++)
            {
                ((Int64Column)batch.Columns[0]).Append(10_000 + i);
                ((StringColumn)batch.Columns[1]).Append(Guid.NewGuid().ToString());
            }

            var snapshot = (await table.GetSnapshotAsync(null, Cancel))!;
            var transaction = table.BeginTransaction(snapshot);
            foreach (var file in await table.WriteFilesAsync(snapshot, [batch], Cancel))
                transaction.Add(file);
            Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("WRITE", new Dictionary<string, string>(), Cancel));
        }),
        ("update", () => table.UpdateAsync("id % 7 = 0", new Dictionary<string, string> { ["pad"] = "'changed'" }, Cancel)),
        ("merge", () => table.Merge(RowSource.Query($"SELECT DISTINCT ON (id) * FROM ({Rows(500, 3000)})"), "target.id = source.id").WhenMatchedUpdateAll().WhenNotMatchedInsertAll().RunAsync(Cancel)),
        ("delete", () => table.DeleteAsync("id % 11 = 0", Cancel)),
        ("checkpoint", () => table.WriteCheckpointAsync(Cancel)),
        ("optimize", () => table.OptimizeAsync(new OptimizeRequest { MaxDeletedShare = 0, ZOrderBy = ["id"] }, Cancel)),
        ("log only", async () => Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(await table.GetSnapshotAsync(null, Cancel)).SetTransaction("app", 1).CommitAsync("WRITE", new Dictionary<string, string>(), Cancel))),
    ];

    /// <summary>The rows that a new reader finds are as many as the log says.</summary>
    private async Task RequireReadableAsync()
    {
        var table = Open();
        long rows = 0;
        await foreach (var batch in table.ReadAsync(null, Cancel))
        {
            using (batch)
                rows += batch.Length;
        }

        Assert.Equal((await table.GetSnapshotAsync(null, Cancel))!.RowCount, rows);
    }

    private DeltaTable Open() => DeltaTable.At(Path.Combine(Disk, "t"), new DeltaTableOptions
    {
        Engine = new DuckDbTableEngine(new DuckDbOptions { MemoryLimitMiB = 256, SpillPath = Path.Combine(_folder, "spill") }),
        OnFault = (what, _) => _faults.Add(what),
    }, TimeProvider.System);

    /// <summary>Takes the room of the disk but for some bytes.</summary>
    private void Fill(int left)
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var page = new byte[4096];
        try
        {
            while (true)
                file.Write(page);
        }
        catch (IOException)
        {
            file.SetLength(Math.Max(0, file.Length - left));
        }
    }

    private void Mount()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a file system of its own can be mounted by root on Linux only; run the tests as root");
        Directory.CreateDirectory(Disk);
        _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", Disk);
        Assert.SkipUnless(_isMounted, "mount -t tmpfs is not allowed here; run the tests where it is");
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string Rows(int first, int count) => $"SELECT CAST(i AS BIGINT) AS id, md5(i::VARCHAR) AS pad FROM range({first}, {first + count}) r(i)";
}
