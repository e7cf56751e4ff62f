using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace RealTimeMesh.DeltaLake;

/// <summary>Decompresses the pages of Parquet files (parquet-format, <c>CompressionCodec</c>).</summary>
internal static class PageCodec
{
    private const int Uncompressed = 0, Snappy = 1, Gzip = 2, Brotli = 4, Zstd = 6;

    public static byte[] Decompress(long codec, ReadOnlyMemory<byte> data, int size)
    {
        if (size == 0)
            return [];
        var result = codec switch
        {
            Uncompressed => data.ToArray(),
            Snappy => Snappier.Snappy.DecompressToArray(data.Span),
            Gzip => Inflate(new GZipStream(Readable(data), CompressionMode.Decompress), size),
            Brotli => Inflate(new BrotliStream(Readable(data), CompressionMode.Decompress), size),
            Zstd => Unwrap(data, size),
            _ => throw new InvalidDataException($"pages are compressed with codec {codec}; expected none, snappy, gzip, brotli or zstd"),
        };
        return result.Length == size ? result : throw new InvalidDataException($"a page has {result.Length} bytes; expected {size}");
    }

    private static byte[] Unwrap(ReadOnlyMemory<byte> data, int size)
    {
        using var decompressor = new Decompressor();
        var result = new byte[size];
        return decompressor.Unwrap(data.Span, result) == size ? result : throw new InvalidDataException($"a page ends early; expected {size} bytes");
    }

    private static byte[] Inflate(Stream stream, int size)
    {
        using (stream)
        {
            var result = new byte[size];
            stream.ReadExactly(result);
            return result;
        }
    }

    private static MemoryStream Readable(ReadOnlyMemory<byte> data) => new(data.ToArray(), writable: false);
}
