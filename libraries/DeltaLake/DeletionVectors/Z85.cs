using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Binary as text, five characters for four bytes (ZeroMQ RFC 32). The RFC leaves lengths that are no multiple of four undefined:
/// written here with zero bytes at the end, as Spark does; read in that form and in that of Rust's z85 crate, whose last group
/// begins with one <c>#</c> for each missing byte (no full group can, since 84 * 85^4 is above 2^32).
/// </summary>
internal static class Z85
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    private static readonly sbyte[] s_digits = Digits();

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var output = new StringBuilder((bytes.Length + 3) / 4 * 5);
        Span<byte> group = stackalloc byte[4];
        Span<char> letters = stackalloc char[5];
        for (var at = 0; at < bytes.Length; at += 4)
        {
            group.Clear();
            bytes[at..Math.Min(at + 4, bytes.Length)].CopyTo(group);
            var number = BinaryPrimitives.ReadUInt32BigEndian(group);
            for (var i = 4; i >= 0; i--)
            {
                letters[i] = Alphabet[(int)(number % 85)];
                number /= 85;
            }

            output.Append(letters);
        }

        return output.ToString();
    }

    /// <summary>The first <paramref name="size"/> bytes of the decoded text; throws <see cref="FormatException"/> where it is none or too short.</summary>
    public static byte[] Decode(ReadOnlySpan<char> text, int size)
    {
        if (text.Length % 5 != 0)
            throw new FormatException($"a Z85 text of {text.Length} characters; expected a multiple of five");
        if (size < 0 || size > text.Length / 5 * 4)
            throw new FormatException($"a Z85 text of {text.Length} characters for {size} bytes; expected at least {(size + 3) / 4 * 5}");
        var bytes = new byte[text.Length / 5 * 4];
        var length = 0;
        for (var at = 0; at < text.Length; at += 5)
        {
            var group = text.Slice(at, 5);
            var missing = 5 - group.TrimStart('#').Length;
            if (missing > 3 || (missing > 0 && at + 5 < text.Length))
                throw new FormatException($"the Z85 group '{group}' at {at} is out of range");
            ulong number = 0;
            for (var i = missing; i < 5; i++)
            {
                var digit = group[i] < 128 ? s_digits[group[i]] : (sbyte)-1;
                if (digit < 0)
                    throw new FormatException($"character '{group[i]}' at {at + i} is not of Z85's alphabet");
                number = (number * 85) + (ulong)digit;
            }

            if (number >> (8 * (4 - missing)) != 0)
                throw new FormatException($"the Z85 group '{group}' at {at} is out of range");
            for (var shift = 8 * (3 - missing); shift >= 0; shift -= 8)
                bytes[length++] = (byte)(number >> shift);
        }

        return length >= size ? bytes[..size] : throw new FormatException($"a Z85 text of {length} bytes; expected {size}");
    }

    private static sbyte[] Digits()
    {
        var digits = new sbyte[128];
        Array.Fill(digits, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++)
            digits[Alphabet[i]] = (sbyte)i;
        return digits;
    }
}
