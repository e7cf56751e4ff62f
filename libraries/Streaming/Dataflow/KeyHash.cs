using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RealTimeMesh.Streaming;

/// <summary>Hash of a key's bytes; the same in every process, because keys are divided by it.</summary>
internal static class KeyHash
{
    private const ulong First = 0x9E3779B97F4A7C15;
    private const ulong Second = 0xD6E8FEB86659FD93;

    public static uint Of(ReadOnlySpan<byte> key)
    {
        var hash = First ^ (ulong)key.Length;
        while (key.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(key));
            key = key[8..];
        }

        if (key.Length > 0)
        {
            ulong rest = 0;
            for (var i = 0; i < key.Length; i++)
                rest |= (ulong)key[i] << (8 * i);
            hash = Mix(hash ^ rest);
        }

        return (uint)(hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value *= Second;
        value ^= value >> 32;
        return value * First;
    }
}
