using System.Security.Cryptography;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Tells whether a file is still the one that was begun: its length and the SHA-256 of its first bytes.</summary>
internal sealed record FileFingerprint(long Length, string HeadSha256)
{
    private const int HeadBytes = 64 * 1024;

    public static async Task<FileFingerprint> OfAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = SourceFile.Open(path);
        var head = new byte[(int)Math.Min(HeadBytes, file.Length)];
        await file.ReadExactlyAsync(head, cancellationToken);
        return new FileFingerprint(file.Length, Convert.ToHexStringLower(SHA256.HashData(head)));
    }
}
