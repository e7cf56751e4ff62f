using ZstdSharp;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>
/// A body that is unpacked while it is read. Whatever its codec throws at broken bytes is one <see cref="InvalidDataException"/>,
/// and so is a body that unpacks to far more than any events do.
/// </summary>
/// <param name="unpacked">The codec.</param>
/// <param name="encoding">Its name for people.</param>
/// <param name="packed">What the codec reads.</param>
/// <param name="options">The limits.</param>
/// <param name="canWait">The codec can say by a read of no bytes that there are some.</param>
internal sealed class UnpackingStream(Stream unpacked, string encoding, CountingStream packed, IngestionOptions options, bool canWait = true) : ReadStream
{
    /// <summary>What a codec holds, bytes, nearly.</summary>
    public const int Footprint = 64 * 1024;

    private long _bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty && !canWait)
            return 0;
        try
        {
            var read = await unpacked.ReadAsync(buffer, cancellationToken);
            _bytes += read;
            if (_bytes > options.FreeUnpackedBytes && _bytes / options.MaxUnpackRatio > packed.Bytes)
                throw new InvalidDataException($"{packed.Bytes} bytes unpack to more than {options.MaxUnpackRatio} times as many");
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException($"not readable as {encoding} ({e.Message.TrimEnd('.')})", e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await unpacked.DisposeAsync();
        await base.DisposeAsync();
    }
}
