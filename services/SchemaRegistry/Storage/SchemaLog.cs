using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>
/// The registry's only storage: one JSON document a line, appended and flushed to disk before it is acknowledged.
/// Not thread-safe; one process writes at a time, by holding a lock file; others read along (<see cref="LogTail"/>).
/// </summary>
internal sealed class SchemaLog : IDisposable
{
    public const string FileName = "schemas.log";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowOutOfOrderMetadataProperties = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly FileStream _lock;
    private readonly FileStream _file;
    private readonly ILogger _logger;
    private bool _broken;

    private SchemaLog(string path, FileStream fileLock, FileStream file, ILogger logger)
    {
        Path = path;
        _lock = fileLock;
        _file = file;
        _logger = logger;
    }

    public string Path { get; }

    /// <summary>Opens or creates the log of a folder and hands every entry to <paramref name="apply"/>; null where another process writes it.</summary>
    public static SchemaLog? TryOpen(string folder, Action<LogEntry> apply, ILogger logger) => TryOpen(folder, apply, logger, OpenFile);

    /// <summary>As the other overload, with the file opened by the caller's function.</summary>
    internal static SchemaLog? TryOpen(string folder, Action<LogEntry> apply, ILogger logger, Func<string, FileStream> openFile)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        FileStream? held = null;
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = TryHold(System.IO.Path.Combine(folder, "lock"));
            if (held is null)
                return null;

            file = openFile(path);
            var log = new SchemaLog(path, held, file, logger);
            log.Replay(apply);
            return log;
        }
        catch (Exception e)
        {
            file?.Dispose();
            held?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new ContractException($"schema registry: cannot open {path}: {e.Message}. Check the folder's rights and the disk.", e);

            throw;
        }
    }

    /// <summary>Stores an entry on disk. Throws <see cref="RegistryException"/> where that fails; the log is then as before.</summary>
    public void Append(LogEntry entry)
    {
        if (_broken)
            throw RegistryException.StoreFailed();

        var end = _file.Length;
        var line = JsonSerializer.SerializeToUtf8Bytes(entry, Json);
        try
        {
            _file.Position = end;
            _file.Write(line);
            _file.Write("\n"u8);
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e)
        {
            // Not only IOException: a file size limit shows as ArgumentOutOfRangeException.
            Log.AppendFailed(_logger, e, Path);
            TakeBack(end);
            throw RegistryException.StoreFailed();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    // Unbuffered: what a failed write leaves in a buffer would be written by the next one.
    private static FileStream OpenFile(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private void TakeBack(long end)
    {
        try
        {
            _file.SetLength(end);
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e)
        {
            // Half an entry may stand at the end: another one behind it would be glued to it.
            _broken = true;
            Log.AppendFailed(_logger, e, Path);
        }
    }

    private void Replay(Action<LogEntry> apply)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var good = Read(Path, bytes, 1, tornTail: true, apply, out _);
        if (good == bytes.Length)
            return;

        Log.TornTail(_logger, Path, bytes.Length - good);
        _file.SetLength(good);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Hands on the finished entries of a piece of the file; returns how many bytes they are.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="bytes">The piece.</param>
    /// <param name="number">The number of its first line.</param>
    /// <param name="tornTail">Whether a last line that cannot be read is one that was never finished.</param>
    /// <param name="apply">Takes the entries.</param>
    /// <param name="lines">How many they were.</param>
    internal static int Read(string path, ReadOnlySpan<byte> bytes, int number, bool tornTail, Action<LogEntry> apply, out int lines)
    {
        var good = 0;
        lines = 0;
        while (good < bytes.Length)
        {
            var length = bytes[good..].IndexOf((byte)'\n');
            if (length < 0)
                break;

            var last = good + length + 1 == bytes.Length;
            if (!TryParse(bytes.Slice(good, length), out var entry, out var problem))
            {
                if (last && tornTail)
                    break;

                throw new ContractException($"schema registry: {path}:{number + lines}: found {problem}; expected one entry. The file was changed by something else: restore it from a copy.");
            }

            apply(entry);
            lines++;
            good += length + 1;
        }

        return good;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out LogEntry entry, out string problem)
    {
        entry = null!;
        try
        {
            entry = JsonSerializer.Deserialize<LogEntry>(line, Json)!;
            problem = "null";
            return entry is not null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            problem = e.Message;
            return false;
        }
    }
}
