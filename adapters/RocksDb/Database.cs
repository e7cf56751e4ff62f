using System.Diagnostics;
using RealTimeMesh.Components;
using RocksDbSharp;
using Engine = RocksDbSharp.RocksDb;

namespace RealTimeMesh.RocksDb;

/// <summary>The RocksDB database of one folder, and its reopening after a failed write.</summary>
internal sealed class Database : IDisposable
{
    private const ulong MiB = 1024 * 1024;
    private const int ProbeBytes = 2 * 1024 * 1024;
    private const string OwnerFile = "OWNER";

    private readonly string _path;
    private readonly ReaderWriterLockSlim _handle = new();
    private readonly DbOptions _options;
    private Engine? _engine;

    public Database(string path)
    {
        _path = path;
        _options = Options();
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"log '{path}': found a folder that cannot be created ({e.Message}); expected a writable folder; correct its path or permissions.", e);
        }

        _engine = Open();
    }

    /// <summary>Whether the last write failed, so that the database refuses further ones until it is reopened.</summary>
    public bool NeedsReopening { get; private set; }

    /// <summary>Keeps the database open while it is used. Short, synchronous uses only.</summary>
    public Lease Use()
    {
        _handle.EnterReadLock();
        if (_engine is { } engine)
            return new Lease(_handle, engine);
        _handle.ExitReadLock();
        throw new BrokerException($"log '{_path}': found its database closed after a failed write; expected it to be open; it opens again with the next publish when the disk can be written.");
    }

    /// <summary>Writes a batch. On failure the database must be reopened before the next one.</summary>
    public void Write(WriteBatch batch, WriteOptions options)
    {
        using var lease = Use();
        try
        {
            lease.Engine.Write(batch, options);
        }
        catch (RocksDbException e)
        {
            NeedsReopening = true;
            throw new BrokerException($"log '{_path}': found that the write failed ({e.Message.TrimEnd()}); expected room and a healthy disk; nothing of it was acknowledged, free space and publish again.", e);
        }
    }

    /// <summary>Closes and opens the database. Where the disk can't be written, it stays as it is, readable, and this throws.</summary>
    public void Reopen()
    {
        Probe();
        _handle.EnterWriteLock();
        try
        {
            _engine?.Dispose();
            _engine = null;
            _engine = Open();
            NeedsReopening = false;
        }
        finally
        {
            _handle.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        _handle.EnterWriteLock();
        _engine?.Dispose();
        _engine = null;
        _handle.ExitWriteLock();
    }

    private void Probe()
    {
        var file = System.IO.Path.Combine(_path, "probe");
        try
        {
            using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            stream.Write(new byte[ProbeBytes]);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"log '{_path}': found that the disk can't be written ({e.Message}); expected room for at least {ProbeBytes} bytes; free space and publish again, nothing was stored.", e);
        }
    }

    private Engine Open()
    {
        var owner = System.IO.Path.Combine(_path, OwnerFile);
        try
        {
            var engine = Engine.Open(_options, _path);
            using var process = Process.GetCurrentProcess();
            File.WriteAllText(owner, $"process {process.Id} ({process.ProcessName})");
            return engine;
        }
        catch (RocksDbException e) when (e.Message.Contains("lock", StringComparison.OrdinalIgnoreCase))
        {
            var holder = File.Exists(owner) ? File.ReadAllText(owner) : "a process that left no name";
            throw new BrokerException($"log '{_path}': found it in use by {holder}; expected one process per folder; stop that process or choose another path.", e);
        }
        catch (RocksDbException e)
        {
            throw new BrokerException($"log '{_path}': found a database that can't be opened ({e.Message.TrimEnd()}); expected an intact, writable folder; repair the disk or restore the folder.", e);
        }
    }

    private static DbOptions Options()
    {
        var table = new BlockBasedTableOptions()
            .SetBlockSize(32 * 1024)
            .SetBlockCache(Cache.CreateLru(16 * MiB))
            .SetCacheIndexAndFilterBlocks(true);
        var options = new DbOptions()
            .SetCreateIfMissing(true)
            // A torn end after a crash is expected; damage anywhere else must be loud.
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            .SetBlockBasedTableFactory(table)
            .SetCompression(Compression.Lz4)
            .SetWriteBufferSize(16 * MiB)
            .SetMaxWriteBufferNumber(3)
            .SetTargetFileSizeBase(64 * MiB)
            // Files of a log hardly overlap in what matters: merging them less often costs readers little and writers a third less.
            .SetLevel0FileNumCompactionTrigger(8)
            .SetMaxBytesForLevelBase(512 * MiB)
            .SetMaxTotalWalSize(64 * MiB)
            .SetMaxOpenFiles(256)
            .SetBytesPerSync(MiB)
            .SetKeepLogFileNum(2)
            .SetMaxLogFileSize(MiB)
            .SetStatsDumpPeriodSec(0);
        // The writer reopens by itself after an error; a second recovery behind its back would race with that.
        Native.Instance.rocksdb_options_set_max_bgerror_resume_count(options.Handle, 0);
        return options;
    }

    /// <summary>The open database for a short time.</summary>
    internal readonly struct Lease(ReaderWriterLockSlim handle, Engine engine) : IDisposable
    {
        public Engine Engine { get; } = engine;

        public void Dispose() => handle.ExitReadLock();
    }
}
