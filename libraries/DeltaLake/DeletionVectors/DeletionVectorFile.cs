using System.Buffers.Binary;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// A new file of deletion vectors in a table's folder; many vectors of one commit share it. It is part of the table when a commit
/// refers to it, and left to vacuum otherwise. <see cref="CompleteAsync"/> makes it durable; call it before the commit. Not thread-safe.
/// </summary>
public sealed class DeletionVectorFile : IAsyncDisposable
{
    private readonly FileStream _stream;
    private readonly Guid _id;
    private int _length = 1;

    private DeletionVectorFile(FileStream stream, Guid id)
    {
        _stream = stream;
        _id = id;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => _length;

    /// <summary>Creates the file, named by <paramref name="id"/>.</summary>
    public static async Task<DeletionVectorFile> CreateAsync(string table, Guid id, CancellationToken cancellationToken)
    {
        var path = Path.Combine(table, DeletionVectorDescriptor.FileName(id));
        var stream = LocalTableStore.Writing(path, () => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 * 1024, FileOptions.Asynchronous));
        await stream.WriteAsync(new byte[] { 1 }, cancellationToken);
        return new DeletionVectorFile(stream, id);
    }

    /// <summary>Adds a vector; the descriptor is for <see cref="AddFile.DeletionVector"/>.</summary>
    public async Task<DeletionVectorDescriptor> AddAsync(RoaringBitmap64 rows, CancellationToken cancellationToken)
    {
        var bytes = RoaringWriter.Write(rows);
        // Offsets are 32-bit in the log.
        var offset = _length;
        _length = checked(offset + bytes.Length + 8);
        var frame = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(frame, bytes.Length);
        await _stream.WriteAsync(frame, cancellationToken);
        await _stream.WriteAsync(bytes, cancellationToken);
        BinaryPrimitives.WriteUInt32BigEndian(frame, Crc32.Compute(bytes.Span));
        await _stream.WriteAsync(frame, cancellationToken);
        return DeletionVectorDescriptor.InFile(_id, offset, bytes.Length, rows.Cardinality);
    }

    /// <summary>Flushes the file and its folder entry to the disk.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _stream.FlushAsync(cancellationToken);
        _stream.Flush(flushToDisk: true);
        DurableFiles.FlushFolder(Path.GetDirectoryName(_stream.Name)!);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
