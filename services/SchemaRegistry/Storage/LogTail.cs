namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>Reads a log along while another process writes it. Not thread-safe.</summary>
internal sealed class LogTail(string path) : IDisposable
{
    private FileStream? _file;
    private long _position;
    private int _lines;

    /// <summary>
    /// Hands on what was finished since the last call. Returns false where the file became shorter (its writer took back
    /// an entry that it could not finish): what was handed on before has to be forgotten.
    /// </summary>
    public bool Read(Action<LogEntry> apply)
    {
        if (_file is null && !File.Exists(path))
            return true;

        _file ??= new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var length = _file.Length;
        if (length < _position)
            return false;

        if (length == _position)
            return true;

        var bytes = new byte[length - _position];
        _file.Position = _position;
        _file.ReadExactly(bytes);
        _position += SchemaLog.Read(path, bytes, _lines + 1, tornTail: false, apply, out var lines);
        _lines += lines;
        return true;
    }

    public void Dispose() => _file?.Dispose();
}
