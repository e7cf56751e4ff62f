using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Unpacks bodies as they are read. What comes out is bounded where it is read; here only how many times the packed bytes it may be.</summary>
internal static class ContentEncodings
{
    /// <summary>What RFC 9659 lets a sender of zstd ask for: 8 MiB.</summary>
    private const int MaxZstdWindowLog = 23;

    private const string Known = "gzip, deflate, br or zstd";

    /// <summary>The body unpacked, or why it can't be.</summary>
    public static ErrorResult? Open(HttpRequest request, IngestionOptions options, out Stream body)
    {
        var packed = new CountingStream(request.Body);
        body = request.Body;
        var encodings = request.Headers.ContentEncoding.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (encodings.Length > 1)
            return Refuse($"'{string.Join(", ", encodings)}'", $"one of {Known}, or none", "Pack the body once.");
        switch (encodings.Length == 0 ? "" : encodings[0].ToLowerInvariant())
        {
            case "" or "identity":
                return null;
            case "gzip" or "x-gzip":
                body = new UnpackingStream(new GZipStream(packed, CompressionMode.Decompress), "gzip", packed, options);
                return null;
            case "deflate":
                body = new UnpackingStream(new ZLibStream(packed, CompressionMode.Decompress), "deflate (the zlib format)", packed, options);
                return null;
            case "br":
                body = new UnpackingStream(new BrotliStream(packed, CompressionMode.Decompress), "br", packed, options);
                return null;
            case "zstd":
                var zstd = new DecompressionStream(packed, bufferSize: 0, checkEndOfStream: true, leaveOpen: true);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxZstdWindowLog);
                body = new UnpackingStream(zstd, "zstd", packed, options, canWait: false);
                return null;
            case var other:
                return Refuse($"'{other}'", $"{Known}, or none", "Send the body as it is or packed with one of these.");
        }
    }

    private static ErrorResult Refuse(string found, string expected, string cure) =>
        new(StatusCodes.Status415UnsupportedMediaType, "content_encoding", $"content encoding: found {found}; expected {expected}. {cure}");
}
