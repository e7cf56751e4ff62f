using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Snappier;
using ZstdSharp;

namespace RealTimeMesh.Contracts.Containers;

/// <summary>The codecs by name.</summary>
internal static class BlockCodecs
{
    private static readonly IBlockCodec[] All = [new NullCodec(), new DeflateCodec(), new SnappyCodec(), new ZstandardCodec()];

    public static string Names => string.Join(", ", All.Select(codec => codec.Name));

    public static IBlockCodec? Find(string name) => All.FirstOrDefault(codec => codec.Name == name);

    internal static Stream AsStream(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray(), writable: false);
}

internal sealed class NullCodec : IBlockCodec
{
    public string Name => "null";

    public string? Unpack(ReadOnlyMemory<byte> stored, UnpackedBlock output)
    {
        output.Borrow(stored);
        return null;
    }
}

/// <summary>Deflate (RFC 1951) without the frame of zlib.</summary>
internal sealed class DeflateCodec : IBlockCodec
{
    public string Name => "deflate";

    public string? Unpack(ReadOnlyMemory<byte> stored, UnpackedBlock output)
    {
        try
        {
            using var unpacked = new DeflateStream(BlockCodecs.AsStream(stored), CompressionMode.Decompress);
            return output.TryFill(unpacked) ? null : output.TooLong;
        }
        catch (InvalidDataException e)
        {
            return $"bytes that are not deflate ({e.Message})";
        }
    }
}

/// <summary>Snappy without its frame, followed by the CRC-32 of the unpacked bytes, big-endian.</summary>
internal sealed class SnappyCodec : IBlockCodec
{
    private const int CrcLength = sizeof(uint);

    public string Name => "snappy";

    public string? Unpack(ReadOnlyMemory<byte> stored, UnpackedBlock output)
    {
        if (stored.Length < CrcLength)
            return $"{stored.Length} bytes; snappy has at least {CrcLength}, its CRC-32";
        var packed = stored.Span[..^CrcLength];
        try
        {
            var length = Snappy.GetUncompressedLength(packed);
            // Snappy copies at most 64 bytes for each 3 of input: a longer claim is no reason to allocate.
            if (length > output.MaxBytes || length > 64L * packed.Length)
                return length > output.MaxBytes ? output.TooLong : $"a claim of {length} bytes unpacked from {packed.Length}";
            var target = output.Take(length);
            var written = Snappy.Decompress(packed, target);
            if (written != length)
                return $"{written} bytes unpacked; its head says {length}";
            var crc = Crc32.HashToUInt32(target);
            return crc == BinaryPrimitives.ReadUInt32BigEndian(stored.Span[^CrcLength..]) ? null : "bytes whose CRC-32 is not the one stored with them";
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            return $"bytes that are not snappy ({e.Message})";
        }
    }
}

internal sealed class ZstandardCodec : IBlockCodec
{
    public string Name => "zstandard";

    public string? Unpack(ReadOnlyMemory<byte> stored, UnpackedBlock output)
    {
        try
        {
            using var unpacked = new DecompressionStream(BlockCodecs.AsStream(stored), leaveOpen: false);
            return output.TryFill(unpacked) ? null : output.TooLong;
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            return $"bytes that are not zstandard ({e.Message})";
        }
    }
}
