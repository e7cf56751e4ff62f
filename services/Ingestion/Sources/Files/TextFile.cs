using System.IO.Compression;
using System.Text;
using RealTimeMesh.Pipelines;
using ZstdSharp;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The text of a file as UTF-8, unpacked. Offsets count bytes of that text; in plain UTF-8 they are those of the file, else what is in front is read again.</summary>
internal static class TextFile
{
    private static readonly Encoding Utf16 = new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true);
    private static readonly Encoding Utf16BigEndian = new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true);

    public static async Task<Stream> OpenAsync(FilePart file, CsvEncoding declared, long offset, CancellationToken cancellationToken)
    {
        var encoding = await EncodingOfAsync(file, declared, cancellationToken);
        if (encoding is null && file.Compression is null)
            return FilePartStream.Open(file, Math.Max(offset, file.From));
        var text = new UnpackedText(Unpack(file), file, encoding);
        try
        {
            await PassAsync(text, file, offset, cancellationToken);
            return text;
        }
        catch
        {
            await text.DisposeAsync();
            throw;
        }
    }

    /// <summary>Null for UTF-8.</summary>
    private static async Task<Encoding?> EncodingOfAsync(FilePart file, CsvEncoding declared, CancellationToken cancellationToken)
    {
        var head = new byte[3];
        await using var text = new UnpackedText(Unpack(file with { From = 0 }), file, null);
        var read = await text.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return head.AsSpan(0, read) switch
        {
            [0xFF, 0xFE, ..] => Utf16,
            [0xFE, 0xFF, ..] => Utf16BigEndian,
            [0xEF, 0xBB, 0xBF] => null,
            _ => declared switch
            {
                CsvEncoding.Utf16 => Utf16,
                CsvEncoding.Windows1252 => CodePagesEncodingProvider.Instance.GetEncoding(1252),
                CsvEncoding.Latin1 => Encoding.Latin1,
                _ => null,
            },
        };
    }

    private static Stream Unpack(FilePart file)
    {
        var bytes = FilePartStream.Open(file, file.From);
        return file.Compression switch
        {
            "gzip" => new GZipStream(bytes, CompressionMode.Decompress),
            "zstd" => new DecompressionStream(bytes, leaveOpen: false),
            _ => bytes,
        };
    }

    private static async Task PassAsync(Stream text, FilePart file, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        for (var left = count; left > 0;)
        {
            var read = await text.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
            if (read == 0)
                throw new SourceException($"file '{file.Path}': found {count - left} bytes of text; expected at least {count}, which were read before. Put the file back as it was.");
            left -= read;
        }
    }
}
