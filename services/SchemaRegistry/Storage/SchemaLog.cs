using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>
/// The registry's only storage: one JSON document a line, appended and flushed to disk before it is acknowledged.
/// Not thread-safe; one process at a time, held by a lock file.
/// </summary>
internal sealed class SchemaLog : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, AllowOutOfOrderMetadataProperties = true };

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    /// <summary>Opens or creates the log of a folder and hands every entry to <paramref name="apply"/>.</summary>
    public static SchemaLog Open(string folder, Action<LogEntry> apply, ILogger logger) => Open(folder, apply, logger, OpenFile);

    /// <summary>As the other overload, with the file opened by the caller's function.</summary>
    internal static SchemaLog Open(string folder, Action<LogEntry> apply, ILogger logger, Func<string, FileStream> openFile)
    {
        var path = System.IO.Path.Combine(folder, "schemas.log");
        FileStream? held = null;
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = Hold(System.IO.Path.Combine(folder, "lock"));
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
        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line, Readable))
            JsonSerializer.Serialize(writer, entry, Json);

        line.Write("\n"u8);
        try
        {
            _file.Position = end;
            _file.Write(line.WrittenSpan);
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

    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new ContractException($"schema registry: {path} is held by another process; expected to be the only one on this folder. Stop the other process, or set MESH_DATA to another folder.", e);
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
        var good = 0;
        for (var number = 1; good < bytes.Length; number++)
        {
            var length = bytes.AsSpan(good).IndexOf((byte)'\n');
            if (length < 0)
                break;

            var last = good + length + 1 == bytes.Length;
            if (!TryParse(bytes.AsSpan(good, length), out var entry, out var problem))
            {
                if (last)
                    break;

                throw new ContractException($"schema registry: {Path}:{number}: found {problem}; expected one entry. The file was changed by something else: restore it from a copy.");
            }

            apply(entry);
            good += length + 1;
        }

        if (good == bytes.Length)
            return;

        Log.TornTail(_logger, Path, bytes.Length - good);
        _file.SetLength(good);
        _file.Flush(flushToDisk: true);
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
