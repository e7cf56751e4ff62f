using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>A batch of records in format 2, kept as its bytes; offsets and the leader's epoch in front are the broker's own.</summary>
internal sealed class RecordBatch
{
    /// <summary>Bytes of the batch in front of its records.</summary>
    private const int HeaderBytes = 61;

    /// <summary>What the checksum covers begins here.</summary>
    private const int AttributesAt = 21;

    private readonly byte[] _bytes;

    private RecordBatch(byte[] bytes) => _bytes = bytes;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    public long BaseOffset => Int64(0);

    public long LastOffset => BaseOffset + Int32(23);

    public long MaxTimestamp => Int64(35);

    public long ProducerId => Int64(43);

    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_bytes.AsSpan(51));

    public int FirstSequence => Int32(53);

    public int Count => Int32(57);

    private int Codec => BinaryPrimitives.ReadInt16BigEndian(_bytes.AsSpan(AttributesAt)) & 7;

    /// <summary>The batches of a producer's request, or why they are refused.</summary>
    public static (IReadOnlyList<RecordBatch> Batches, ErrorCode Error) Parse(ReadOnlySpan<byte> bytes)
    {
        var batches = new List<RecordBatch>();
        while (bytes.Length > 0)
        {
            if (bytes.Length < HeaderBytes)
                return ([], ErrorCode.CorruptMessage);
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) + 12L;
            if (bytes[16] != 2)
                return ([], ErrorCode.UnsupportedForMessageFormat);
            if (length < HeaderBytes || length > bytes.Length)
                return ([], ErrorCode.CorruptMessage);
            var batch = new RecordBatch(bytes[..(int)length].ToArray());
            if (!batch.IsWhole())
                return ([], ErrorCode.CorruptMessage);
            // snappy and zstd are not read here, so no record in them could be found by its time.
            if (batch.Codec is not (0 or 1 or 3))
                return ([], ErrorCode.UnsupportedCompressionType);
            batches.Add(batch);
            bytes = bytes[(int)length..];
        }

        return (batches, batches.Count == 0 ? ErrorCode.CorruptMessage : ErrorCode.None);
    }

    public void Place(long offset)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes, offset);
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(12), 0);
    }

    /// <summary>The first record not older than a time.</summary>
    public (long Offset, long Timestamp)? Find(long timestamp)
    {
        var first = Int64(27);
        var reader = new WireReader(Records());
        for (var i = 0; i < Count; i++)
        {
            var record = new WireReader(reader.Take((int)reader.VarInt()));
            record.Int8();
            var at = first + record.VarInt();
            var offset = BaseOffset + record.VarInt();
            if (at >= timestamp)
                return (offset, at);
        }

        return null;
    }

    private ReadOnlyMemory<byte> Records() => Codec switch
    {
        0 => _bytes.AsMemory(HeaderBytes),
        1 => Gunzip(_bytes.AsMemory(HeaderBytes)),
        _ => Lz4Frame.Decode(_bytes.AsSpan(HeaderBytes)),
    };

    private static byte[] Gunzip(ReadOnlyMemory<byte> packed)
    {
        using var plain = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress))
            gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private bool IsWhole()
    {
        var sum = uint.MaxValue;
        foreach (var next in _bytes.AsSpan(AttributesAt))
            sum = BitOperations.Crc32C(sum, next);
        return ~sum == BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(17)) && Count >= 1 && Int32(23) == Count - 1;
    }

    private int Int32(int at) => BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(at));

    private long Int64(int at) => BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(at));
}
