using System.Buffers.Binary;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads deletion vectors; size, checksum and number of rows are verified, since a wrong vector would show deleted rows or hide live ones.</summary>
public static class DeletionVectorReader
{
    private const byte FormatVersion = 1;
    private static readonly LocalTableStore s_local = new();

    /// <summary>The rows that a vector deletes. Throws <see cref="DeltaException"/> where the vector is absent or damaged.</summary>
    public static Task<RoaringBitmap64> ReadAsync(string table, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken) =>
        ReadAsync(s_local, table, descriptor, cancellationToken);

    /// <summary>As above, of a table in any store.</summary>
    public static async Task<RoaringBitmap64> ReadAsync(ITableStore store, string table, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken)
    {
        var path = descriptor.FilePath(table);
        try
        {
            var bytes = path is null
                ? Z85.Decode(descriptor.PathOrInlineDv, descriptor.SizeInBytes)
                : await ReadFileAsync(store, TablePaths.Combine(table, path), descriptor, cancellationToken);
            var rows = RoaringReader.Read(bytes);
            return rows.Cardinality == descriptor.Cardinality
                ? rows
                : throw new FormatException($"{rows.Cardinality} rows; expected {descriptor.Cardinality}");
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            var where = path is null ? "inline" : $"in '{path}' at {descriptor.Offset ?? 1}";
            throw new DeltaException(table, $"deletion vector {where} cannot be read: {exception.Message}; restore the file, or the table to a version before it.", exception);
        }
    }

    private static async Task<byte[]> ReadFileAsync(ITableStore store, string path, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken)
    {
        // Without an offset the vector is the first of its file.
        long offset = descriptor.Offset ?? 1;
        // A few bytes are wanted: a large buffer would cost more than they.
        await using var stream = store.IsLocal
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous)
            : await store.OpenReadAsync(path, cancellationToken) ?? throw new FileNotFoundException($"file '{path}' is missing");
        if (descriptor.SizeInBytes < 0 || offset < 1 || offset + 8 + descriptor.SizeInBytes > stream.Length)
            throw new FormatException($"the file has {stream.Length} bytes; expected {descriptor.SizeInBytes} bytes of a vector and 8 more at {offset}");
        var version = new byte[1];
        await stream.ReadExactlyAsync(version, cancellationToken);
        if (version[0] != FormatVersion)
            throw new FormatException($"file format {version[0]}; expected {FormatVersion}");
        stream.Position = offset;
        var bytes = new byte[descriptor.SizeInBytes + 8];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        var size = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (size != descriptor.SizeInBytes)
            throw new FormatException($"size {size} in the file; expected {descriptor.SizeInBytes}");
        var found = Crc32.Compute(bytes.AsSpan(4, size));
        var expected = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + size));
        return found == expected ? bytes[4..(4 + size)] : throw new FormatException($"checksum {found:X8}; expected {expected:X8}");
    }
}
