using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Snappier;

namespace RealTimeMesh.Contracts.Containers;

/// <summary>Writes an Avro file (Avro 1.12, "Object Container Files") of records that are encoded already. Not thread-safe.</summary>
public sealed class AvroFileWriter
{
    private readonly Stream _stream;
    private readonly string _codec;
    private readonly byte[] _sync;
    private readonly ArrayBufferWriter<byte> _block = new();
    private long _records;

    /// <summary>Writes the header. Codecs: null, deflate, snappy, zstandard.</summary>
    public AvroFileWriter(Stream stream, string schema, string codec = "null", byte[]? sync = null)
    {
        if (BlockCodecs.Find(codec) is null)
            throw new ContractException($"Avro file: found codec '{codec}'; expected one of {BlockCodecs.Names}. Choose one of these.");
        _stream = stream;
        _codec = codec;
        _sync = sync ?? RandomNumberGenerator.GetBytes(16);
        _stream.Write("Obj\u0001"u8);
        WriteLong(2);
        WriteText("avro.schema", Encoding.UTF8.GetBytes(schema));
        WriteText("avro.codec", Encoding.UTF8.GetBytes(codec));
        WriteLong(0);
        _stream.Write(_sync);
    }

    /// <summary>A whole file of one record.</summary>
    public static byte[] OneRecord(string schema, ReadOnlySpan<byte> record)
    {
        var file = new MemoryStream();
        // Nothing else is in the file: its marker need not differ from that of other files.
        var writer = new AvroFileWriter(file, schema, "null", new byte[16]);
        writer.Add(record);
        writer.EndBlock();
        return file.ToArray();
    }

    /// <summary>Adds a record to the current block.</summary>
    public void Add(ReadOnlySpan<byte> record)
    {
        _block.Write(record);
        _records++;
    }

    /// <summary>Writes the current block, if it has records.</summary>
    public void EndBlock()
    {
        if (_records == 0)
            return;
        var packed = Pack(_block.WrittenSpan);
        WriteLong(_records);
        WriteLong(packed.Length);
        _stream.Write(packed);
        _stream.Write(_sync);
        _block.ResetWrittenCount();
        _records = 0;
    }

    private byte[] Pack(ReadOnlySpan<byte> block)
    {
        switch (_codec)
        {
            case "deflate":
                var output = new MemoryStream();
                using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
                    deflate.Write(block);
                return output.ToArray();
            case "snappy":
                var crc = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(block));
                return [.. Snappy.CompressToArray(block), .. crc];
            case "zstandard":
                using (var compressor = new ZstdSharp.Compressor())
                    return compressor.Wrap(block).ToArray();
            default:
                return block.ToArray();
        }
    }

    private void WriteText(string key, ReadOnlySpan<byte> value)
    {
        var name = Encoding.UTF8.GetBytes(key);
        WriteLong(name.Length);
        _stream.Write(name);
        WriteLong(value.Length);
        _stream.Write(value);
    }

    private void WriteLong(long value)
    {
        var bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        for (; bits >= 0x80; bits >>= 7)
            _stream.WriteByte((byte)(bits | 0x80));
        _stream.WriteByte((byte)bits);
    }
}
