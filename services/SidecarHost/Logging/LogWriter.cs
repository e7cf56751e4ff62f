using System.Buffers;
using RealTimeMesh.SidecarHost.Flags;
using RealTimeMesh.SidecarHost.Running;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>Writes lines to standard output or a file, each with one call, so that lines of several threads do not mix.</summary>
internal sealed class LogWriter(Stream stream, ILogFormat format, LogIdentity identity) : IDisposable
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    private readonly Lock _lock = new();

    /// <summary>A writer to a file that is appended to, or to standard output where there is none.</summary>
    public static LogWriter Open(string file, bool asJson, string appId)
    {
        ILogFormat format = asJson ? new LogrusJson() : new LogrusText();
        var identity = new LogIdentity(appId, Environment.MachineName, BuildInfo.Version);
        try
        {
            // Unbuffered: a line that was written is out, whatever happens next.
            var stream = file.Length == 0 ? Console.OpenStandardOutput() : new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            return new LogWriter(stream, format, identity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"failed to open log file \"{file}\": {e.Message}");
        }
    }

    public void Write(in LogLine line)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        format.Write(buffer, line, identity);
        lock (_lock)
        {
            stream.Write(buffer.WrittenSpan);
            stream.Flush();
        }
    }

    public void Dispose() => stream.Dispose();
}
