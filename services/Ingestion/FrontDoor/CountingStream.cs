namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Counts what is read of a body.</summary>
internal sealed class CountingStream(Stream body) : ReadStream
{
    public long Bytes { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        Bytes += read;
        return read;
    }
}
