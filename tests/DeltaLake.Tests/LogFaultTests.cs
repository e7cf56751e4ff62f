namespace RealTimeMesh.DeltaLake.Tests;

public sealed class LogFaultTests : IDisposable
{
    private readonly TableFixture _fixture = new();
    private readonly List<string> _faults = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_fixture.TablePath, "_delta_log");

    private string Checkpoint => Path.Combine(Log, $"{10:D20}.checkpoint.parquet");

    [Fact]
    public async Task A_checkpoint_cut_short_anywhere_is_told_and_the_log_before_it_used()
    {
        _fixture.IsDamaged = true;
        await FillAsync(12);
        var whole = await File.ReadAllBytesAsync(Checkpoint, Token);
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        Assert.Empty(_faults);
        var random = new Random(1);
        for (var i = 0; i < 40; i++)
        {
            await File.WriteAllBytesAsync(Checkpoint, whole.AsMemory(0, i == 0 ? 0 : random.Next(whole.Length)), Token);
            Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
            Assert.Equal(i + 1, _faults.Count);
        }
    }

    [Fact]
    public async Task A_checkpoint_with_flipped_bits_ends_in_a_snapshot_or_a_clear_error()
    {
        _fixture.IsDamaged = true;
        await FillAsync(12);
        var whole = await File.ReadAllBytesAsync(Checkpoint, Token);
        var random = new Random(2);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var damaged = whole.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                // The footer steers the reading: half of the flips hit it.
                var at = random.Next(2) == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(Math.Min(damaged.Length, 4000));
                damaged[at] ^= (byte)(1 << random.Next(8));
            }

            await File.WriteAllBytesAsync(Checkpoint, damaged, Token);
            try
            {
                var snapshot = await Open().GetSnapshotAsync(null, Token).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
                Assert.Equal(12, snapshot!.Version);
            }
            catch (DeltaException)
            {
                // A flip inside the text of the schema or of a feature makes another, which may be none that can be read.
                refused++;
            }
        }

        Assert.InRange(refused, 0, 30);
    }

    [Fact]
    public async Task A_V2_checkpoint_that_is_torn_is_told_and_the_log_before_it_used()
    {
        var table = Open();
        Assert.IsType<CommitResult.Committed>(await table.BeginTransaction(null).SetMetadata(TableFixture.Schema, [], "test").SetProperties([KeyValuePair.Create("delta.checkpointPolicy", (string?)"v2")]).CommitAsync("CREATE TABLE", new Dictionary<string, string>(), Token));
        var first = (await table.GetSnapshotAsync(null, Token))!;
        for (var i = 0; i < 11; i++)
            await TableFixture.AppendAsync(table, first, TableFixture.Rows(i * 10, 10));
        var expected = Describe((await Open().GetSnapshotAsync(null, Token))!);
        var top = Assert.Single(Directory.GetFiles(Log, "*.checkpoint.*.json"));
        var sidecar = Assert.Single(Directory.GetFiles(Path.Combine(Log, "_sidecars")));
        foreach (var path in new[] { top, sidecar })
        {
            var whole = await File.ReadAllBytesAsync(path, Token);
            foreach (var length in new[] { 0, 10, whole.Length / 2, whole.Length - 3 })
            {
                _faults.Clear();
                await File.WriteAllBytesAsync(path, whole.AsMemory(0, length), Token);
                Assert.Equal(expected, Describe((await Open().GetSnapshotAsync(null, Token))!));
                Assert.Contains("checkpoint 10", Assert.Single(_faults), StringComparison.Ordinal);
            }

            await File.WriteAllBytesAsync(path, whole, Token);
        }
    }

    [Fact]
    public async Task A_torn_commit_is_an_error_that_names_version_and_line()
    {
        _fixture.IsDamaged = true;
        await FillAsync(3);
        var path = Path.Combine(Log, $"{2:D20}.json");
        var text = await File.ReadAllTextAsync(path, Token);
        await File.WriteAllTextAsync(path, text[..(text.Length - 30)], Token);
        var fault = await Assert.ThrowsAsync<DeltaException>(() => Open().GetSnapshotAsync(null, Token));
        Assert.Contains("commit 2, line 5", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await Open().GetSnapshotAsync(1, Token))!.Version);
    }

    [Fact]
    public async Task A_read_only_folder_is_read_and_a_write_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "root may write into any folder; run the tests as another user on Unix");
        await FillAsync(12);
        var table = Open();
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        foreach (var folder in new[] { Log, _fixture.TablePath })
            SetMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(Describe(snapshot), Describe((await Open().GetSnapshotAsync(null, Token))!));
            Assert.Equal(13, (await Open().GetHistoryAsync(100, Token)).Count);
            foreach (var write in new Func<Task>[] { () => TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(0, 10)), () => table.BeginTransaction(snapshot).Remove(snapshot.Files[0]).CommitAsync("DELETE", new Dictionary<string, string>(), Token), () => table.WriteCheckpointAsync(Token) })
                Assert.Contains("cannot be written", (await Assert.ThrowsAsync<DeltaException>(write)).Message, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var folder in new[] { _fixture.TablePath, Log })
                SetMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void SetMode(string folder, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, mode);
    }

    private DeltaTable Open() => _fixture.Open(new DeltaTableOptions { OnFault = (what, _) => _faults.Add(what) });

    private async Task FillAsync(int appends)
    {
        var table = Open();
        var snapshot = await _fixture.CreateAsync(table, "day");
        for (var i = 0; i < appends; i++)
            await TableFixture.AppendAsync(table, snapshot, TableFixture.Rows(i * 10, 10));
    }

    private static string Describe(Snapshot snapshot) => string.Join('\n', snapshot.Files.Select(file => $"{file.Path}|{file.Size}|{file.Stats}|{string.Join(",", file.PartitionValues)}").Order(StringComparer.Ordinal).Append($"{snapshot.Version} {snapshot.RowCount}"));

    public void Dispose() => _fixture.Dispose();
}
