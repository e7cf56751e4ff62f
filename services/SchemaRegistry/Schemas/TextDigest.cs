using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>The SHA-256 of a text.</summary>
internal sealed class TextDigest
{
    private const int PieceLength = 16 * 1024;

    public TextDigest(string text)
    {
        Text = text;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, text);
        Value = Convert.ToHexString(hash.GetHashAndReset());
    }

    public string Text { get; }

    public string Value { get; }

    /// <summary>Adds a text as UTF-8, in pieces: one of megabytes is not copied as a whole.</summary>
    public static void Append(IncrementalHash hash, string text)
    {
        var encoder = Encoding.UTF8.GetEncoder();
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(PieceLength));
        for (var at = 0; at < text.Length; at += PieceLength)
        {
            var piece = text.AsSpan(at, Math.Min(PieceLength, text.Length - at));
            hash.AppendData(bytes, 0, encoder.GetBytes(piece, bytes, flush: at + piece.Length == text.Length));
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
