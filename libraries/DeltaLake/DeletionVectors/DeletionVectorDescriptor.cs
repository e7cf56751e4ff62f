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
    /// <summary>Together with the file's path the key of a logical file.</summary>
    public string UniqueId => Offset is { } offset
        ? string.Create(CultureInfo.InvariantCulture, $"{StorageType}{PathOrInlineDv}@{offset}")
        : StorageType + PathOrInlineDv;
}
