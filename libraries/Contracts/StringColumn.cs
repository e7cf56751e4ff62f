using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Holds <see cref="FieldType.String"/>. Texts of up to 16 bytes that repeat within the column share one
/// <see cref="string"/>: codes, symbols and keys repeat by nature, and a decoder that allocates each of them spends
/// most of its time in the garbage collector.
/// </summary>
public sealed class StringColumn(Field field) : ValueColumn<string>(field)
{
    private const int CacheSlots = 1024;
    private const int CachedBytes = 16;

    // Small batches (previews, single events) are not worth the cache's 32 KiB.
    private const int RowsBeforeCache = 32;

    private CacheSlot[]? _cache;
    private int _decoded;

    /// <summary>Appends a text given as UTF-8. False, and nothing appended, where the bytes are not UTF-8.</summary>
    public bool TryAppendUtf8(ReadOnlySpan<byte> utf8)
    {
        if (!TryDecode(utf8, out var text))
            return false;

        Append(text);
        return true;
    }

    internal bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        if (utf8.Length is 0)
        {
            text = "";
            return true;
        }

        if (utf8.Length <= CachedBytes && (_cache is not null || ++_decoded > RowsBeforeCache))
            return TryDecodeCached(utf8, out text);

        return TryTranscode(utf8, out text);
    }

    private static bool TryTranscode(ReadOnlySpan<byte> utf8, out string text)
    {
        if (!Utf8.IsValid(utf8))
        {
            text = "";
            return false;
        }

        text = Encoding.UTF8.GetString(utf8);
        return true;
    }

    private bool TryDecodeCached(ReadOnlySpan<byte> utf8, out string text)
    {
        _cache ??= new CacheSlot[CacheSlots];
        Span<ulong> key = stackalloc ulong[2];
        key.Clear();
        utf8.CopyTo(MemoryMarshal.AsBytes(key));
        var hash = (key[0] ^ (key[1] * 0x9E3779B97F4A7C15) ^ (ulong)utf8.Length) * 0xFF51AFD7ED558CCD;
        // Two places per text: with one, a few hundred codes already push each other out.
        var place = (int)(hash >> 54);
        ref var first = ref _cache[place];
        if (first.Holds(key[0], key[1], utf8.Length))
        {
            text = first.Text!;
            return true;
        }

        ref var second = ref _cache[place ^ 1];
        if (second.Holds(key[0], key[1], utf8.Length))
        {
            text = second.Text!;
            return true;
        }

        if (!TryTranscode(utf8, out text))
            return false;

        second = first;
        first = new CacheSlot(key[0], key[1], utf8.Length, text);
        return true;
    }

    private readonly record struct CacheSlot(ulong Low, ulong High, int Length, string? Text)
    {
        public bool Holds(ulong low, ulong high, int length) => Low == low && High == high && Length == length;
    }
}
