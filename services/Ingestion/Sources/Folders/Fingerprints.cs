using System.Security.Cryptography;
using RealTimeMesh.Ingestion.Sources.Files;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Fingerprints of files: half a SHA-256 of their beginning and their end, which is what writers change.</summary>
internal static class Fingerprints
{
    private const int HeadBytes = 64 * 1024;
    private const int TailBytes = 4 * 1024;

    /// <summary>Of a growing file only its first bytes stay.</summary>
    public const int GrowingBytes = 1024;

    /// <summary>Of the file's first <paramref name="length"/> bytes; null where it has fewer.</summary>
    public static async Task<string?> OfAsync(string path, long length, bool growing, CancellationToken cancellationToken)
    {
        await using var file = SourceFile.Open(path);
        if (file.Length < length)
            return null;
        var head = new byte[(int)Math.Min(growing ? GrowingBytes : HeadBytes, length)];
        await file.ReadExactlyAsync(head, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        if (!growing && length > HeadBytes)
        {
            var tail = new byte[(int)Math.Min(TailBytes, length - HeadBytes)];
            file.Seek(length - tail.Length, SeekOrigin.Begin);
            await file.ReadExactlyAsync(tail, cancellationToken);
            hash.AppendData(tail);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
