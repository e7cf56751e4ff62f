using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>A deletion vector as it stands in its file or in the log (PROTOCOL.md, "Deletion Vector Format").</summary>
internal static class VectorFile
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <summary>Where the vector stands; null for one in the log.</summary>
    public static string? PathOf(string table, JsonObject vector)
    {
        var text = vector["pathOrInlineDv"]?.ToString() ?? "";
        return vector["storageType"]?.ToString() switch
        {
            "u" when text.Length >= 20 => Path.Combine(table, text[..^20], $"deletion_vector_{new Guid(Decode(text[^20..])!, bigEndian: true):D}.bin"),
            "p" => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri.LocalPath : text,
            _ => null,
        };
    }

    /// <summary>What is wrong with a vector; null where it is right, or its file is gone.</summary>
    public static (string Found, string Expected)? Check(string table, JsonObject vector, long? rows)
    {
        var size = vector["sizeInBytes"]?.GetValue<int>() ?? 0;
        byte[] bitmap;
        if (vector["storageType"]?.ToString() is not ("u" or "p" or "i"))
            return ($"storageType {vector["storageType"]}", "u, p or i");
        if (PathOf(table, vector) is { } path)
        {
            if (!File.Exists(path))
                return null;
            var file = File.ReadAllBytes(path);
            var at = vector["offset"]?.GetValue<int>() ?? 0;
            if (file[0] != 1)
                return ($"version {file[0]} of deletion vector file {path}", "1");
            if (at < 1 || at + 8 + size > file.Length || BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at)) != size)
                return ($"sizeInBytes {size} at offset {at} of {path}, {file.Length} bytes long", "the size that stands there");
            bitmap = file.AsSpan(at + 4, size).ToArray();
            if (BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 4 + size)) != Checksum(bitmap))
                return ($"another checksum at offset {at} of {path}", "the CRC-32 of the vector");
        }
        else
        {
            if (vector["offset"] is not null)
                return ($"offset {vector["offset"]} of an inline vector", "none");
            if (Decode(vector["pathOrInlineDv"]?.ToString() ?? "") is not { } bytes || bytes.Length < size)
                return ($"inline vector {vector["pathOrInlineDv"]}", $"{size} bytes in Z85");
            bitmap = bytes[..size];
        }

        try
        {
            var (count, last) = Count(bitmap);
            if (count != vector["cardinality"]?.GetValue<long>())
                return ($"cardinality {vector["cardinality"]}", $"the {count} rows of the vector");
            return last >= rows ? ($"deleted row {last}", $"rows below {rows}") : null;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException or IndexOutOfRangeException)
        {
            return ($"a vector that cannot be read: {exception.Message}", "a 64-bit Roaring bitmap");
        }
    }

    /// <summary>Rows of a bitmap, and the highest of them.</summary>
    private static (long Count, long Last) Count(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes) != 1681511377)
            throw new InvalidDataException("no magic number");
        var buckets = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
        bytes = bytes[12..];
        long count = 0, last = -1;
        for (var i = 0L; i < buckets; i++)
        {
            var high = (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes) << 32;
            bytes = bytes[4..];
            count += Bucket(ref bytes, out var highest);
            last = highest < 0 ? last : high + highest;
        }

        return bytes.IsEmpty ? (count, last) : throw new InvalidDataException($"{bytes.Length} bytes too many");
    }

    private static long Bucket(ref ReadOnlySpan<byte> bytes, out long last)
    {
        var cookie = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[4..];
        var hasRuns = (cookie & 0xFFFF) == 12347;
        if (!hasRuns && cookie != 12346)
            throw new InvalidDataException($"cookie {cookie}");
        var containers = hasRuns ? (cookie >>> 16) + 1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        ReadOnlySpan<byte> runs = default;
        if (hasRuns)
        {
            runs = bytes[..((containers + 7) / 8)];
            bytes = bytes[runs.Length..];
        }
        else
        {
            bytes = bytes[4..];
        }

        var keys = bytes[..(containers * 4)];
        bytes = bytes[keys.Length..];
        if (!hasRuns || containers >= 4)
            bytes = bytes[(containers * 4)..];
        long count = 0;
        last = -1;
        for (var i = 0; i < containers; i++)
        {
            var cardinality = BinaryPrimitives.ReadUInt16LittleEndian(keys[((i * 4) + 2)..]) + 1;
            var length = hasRuns && (runs[i / 8] & (1 << (i % 8))) != 0 ? 2 + (4 * BinaryPrimitives.ReadUInt16LittleEndian(bytes)) : cardinality > 4096 ? 8192 : 2 * cardinality;
            var isRun = hasRuns && (runs[i / 8] & (1 << (i % 8))) != 0;
            var (there, highest) = Container(bytes[..length], isRun, cardinality);
            if (there != cardinality)
                throw new InvalidDataException($"a container with {there} rows that says {cardinality}");
            last = ((long)BinaryPrimitives.ReadUInt16LittleEndian(keys[(i * 4)..]) << 16) + highest;
            count += there;
            bytes = bytes[length..];
        }

        return count;
    }

    private static (int Count, int Last) Container(ReadOnlySpan<byte> bytes, bool isRun, int cardinality)
    {
        if (isRun)
        {
            var (count, last) = (0, 0);
            for (var at = 2; at < bytes.Length; at += 4)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]);
                count += length + 1;
                last = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) + length;
            }

            return (count, last);
        }

        if (cardinality <= 4096)
            return (bytes.Length / 2, BinaryPrimitives.ReadUInt16LittleEndian(bytes[^2..]));
        var (bits, top) = (0, 0);
        for (var at = 0; at < 1024; at++)
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at * 8)..]);
            bits += BitOperations.PopCount(word);
            if (word != 0)
                top = (at * 64) + 63 - BitOperations.LeadingZeroCount(word);
        }

        return (bits, top);
    }

    private static byte[]? Decode(string text)
    {
        if (text.Length % 5 != 0)
            return null;
        var bytes = new byte[text.Length / 5 * 4];
        for (var i = 0; i < text.Length; i += 5)
        {
            ulong value = 0;
            foreach (var c in text.AsSpan(i, 5))
            {
                if (Digits.IndexOf(c, StringComparison.Ordinal) is var digit && digit < 0)
                    return null;
                value = (value * 85) + (uint)digit;
            }

            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i / 5 * 4), (uint)value);
        }

        return bytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
