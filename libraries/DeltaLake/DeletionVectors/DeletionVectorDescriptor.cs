using System.Globalization;

namespace RealTimeMesh.DeltaLake;

/// <summary>Where the deletion vector of a file is (PROTOCOL.md, "Deletion Vector Descriptor Schema").</summary>
/// <param name="StorageType"><c>u</c>: a file in the table named by a UUID; <c>p</c>: a file at an absolute path; <c>i</c>: inline.</param>
/// <param name="PathOrInlineDv">The encoded UUID with its folder prefix, the path, or the encoded bytes.</param>
/// <param name="Offset">Bytes from the start of the file; null inline.</param>
/// <param name="SizeInBytes">Size of the serialised bitmap.</param>
/// <param name="Cardinality">Rows it deletes.</param>
public sealed record DeletionVectorDescriptor(string StorageType, string PathOrInlineDv, int? Offset, int SizeInBytes, long Cardinality)
{
    private const int UuidLength = 20;

    /// <summary>Together with the file's path the key of a logical file.</summary>
    public string UniqueId => Offset is { } offset
        ? string.Create(CultureInfo.InvariantCulture, $"{StorageType}{PathOrInlineDv}@{offset}")
        : StorageType + PathOrInlineDv;

    /// <summary>A vector that stands in the log itself: for few rows, where a file of its own would cost more.</summary>
    public static DeletionVectorDescriptor Inline(RoaringBitmap64 rows)
    {
        var bytes = RoaringWriter.Write(rows);
        return new DeletionVectorDescriptor("i", Z85.Encode(bytes.Span), null, bytes.Length, rows.Cardinality);
    }

    /// <summary>The file it is in: relative to the table, or absolute; null where it is inline. Throws where the descriptor is not of the protocol.</summary>
    public string? FilePath(string table)
    {
        try
        {
            return StorageType switch
            {
                "i" => null,
                "p" => PathEncoding.Decode(PathOrInlineDv),
                "u" when PathOrInlineDv.Length >= UuidLength => RelativePath(),
                _ => throw new FormatException("expected storage type i, p, or u with an encoded UUID"),
            };
        }
        catch (Exception exception) when (exception is FormatException or UriFormatException or NotSupportedException)
        {
            throw new DeltaException(table, $"deletion vector '{UniqueId}': {exception.Message}; restore the log, or read the table with the engine that wrote it.", exception);
        }
    }

    internal static DeletionVectorDescriptor InFile(Guid id, int offset, int size, long cardinality) =>
        new("u", Z85.Encode(id.ToByteArray(bigEndian: true)), offset, size, cardinality);

    internal static string FileName(Guid id) => $"deletion_vector_{id:D}.bin";

    private string RelativePath()
    {
        var id = new Guid(Z85.Decode(PathOrInlineDv.AsSpan(PathOrInlineDv.Length - UuidLength), 16), bigEndian: true);
        var prefix = PathOrInlineDv[..^UuidLength];
        return prefix.Length == 0 ? FileName(id) : $"{prefix}/{FileName(id)}";
    }
}
