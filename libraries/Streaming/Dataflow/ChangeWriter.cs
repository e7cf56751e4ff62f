namespace RealTimeMesh.Streaming;

/// <summary>Collects the changes of a commit as records of (step, length, body); reused between commits.</summary>
internal sealed class ChangeWriter
{
    private readonly BlobWriter _body = new();
    private readonly BlobWriter _records = new();

    /// <summary>The step that writes.</summary>
    public int Step { get; set; }

    public int Length => _records.Length;

    public ReadOnlySpan<byte> Written => _records.Written;

    /// <summary>Starts a record; write its body, then call <see cref="End"/>.</summary>
    public BlobWriter Begin()
    {
        _body.Clear();
        return _body;
    }

    public void End()
    {
        _records.Unsigned((ulong)Step);
        _records.Unsigned((ulong)_body.Length);
        _records.Bytes(_body.Written);
    }

    public void Clear() => _records.Clear();
}
