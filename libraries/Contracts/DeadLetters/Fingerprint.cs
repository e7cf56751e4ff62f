using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>
/// What dead letters of one cause have in common: consumer, topic, class, rule, field, what was expected, and the shape of the
/// message without its values. 16 hex digits of a SHA-256, so the same everywhere and at any time.
/// </summary>
public static class Fingerprint
{
    /// <summary>Digits of a fingerprint.</summary>
    public const int Length = 16;

    /// <summary>The fingerprint of a dead letter.</summary>
    public static string Of(in DeadLetterReason reason, string consumer, string topic) =>
        string.Create(Length, (reason, consumer, topic), static (digits, letter) => Write(letter.reason, letter.consumer, letter.topic, digits));

    /// <summary>Writes the fingerprint's <see cref="Length"/> digits.</summary>
    public static void Write(in DeadLetterReason reason, string consumer, string topic, Span<char> digits)
    {
        Span<char> shape = stackalloc char[MessageShape.MaxLength];
        var message = reason.Message.AsSpan(0, Math.Min(reason.Message.Length, MessageShape.MaxLength));
        var length = MessageShape.Write(message, reason.Found, shape);
        ReadOnlySpan<string?> parts = [consumer, topic, reason.Class, reason.Rule, reason.Field, reason.Expected];
        var most = length;
        foreach (var part in parts)
            most += (part?.Length ?? 0) + 1;
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(most));
        var count = 0;
        foreach (var part in parts)
        {
            count += Encoding.UTF8.GetBytes(part, bytes.AsSpan(count));
            // Stands in no UTF-8 text, so that no two lists of parts are the same bytes.
            bytes[count++] = 0xFF;
        }

        count += Encoding.UTF8.GetBytes(shape[..length], bytes.AsSpan(count));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, count), hash);
        ArrayPool<byte>.Shared.Return(bytes);
        Convert.TryToHexStringLower(hash[..(Length / 2)], digits, out _);
    }
}
