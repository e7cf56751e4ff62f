using System.Buffers.Binary;
using System.Text;

namespace RealTimeMesh.RocksDb;

/// <summary>
/// Keys of the database. All numbers are big-endian, so that the database's order is that of the log:
/// <c>m topic(4) partition(4) offset(8)</c> a message; <c>l topic(4) partition(4)</c> its oldest kept offset;
/// <c>c topic(4) partition(4) group</c> a committed offset; <c>t name</c> a topic's id and partitions; <c>s name</c> a topic's settings (JSON);
/// <c>i</c> the highest id of a deleted topic.
/// </summary>
internal static class LogKeys
{
    public const int MessageLength = 17;

    public static ReadOnlySpan<byte> TopicPrefix => "t"u8;

    public static ReadOnlySpan<byte> CommittedPrefix => "c"u8;

    public static ReadOnlySpan<byte> LastTopicId => "i"u8;

    public static void Message(Span<byte> key, uint topic, int partition, long offset)
    {
        key[0] = (byte)'m';
        BinaryPrimitives.WriteUInt32BigEndian(key[1..], topic);
        BinaryPrimitives.WriteInt32BigEndian(key[5..], partition);
        BinaryPrimitives.WriteInt64BigEndian(key[9..], offset);
    }

    /// <summary>The offset of a message's key, or -1 where the key is not one of this partition.</summary>
    public static long OffsetOf(ReadOnlySpan<byte> key, uint topic, int partition) =>
        key.Length == MessageLength && key[0] == 'm'
            && BinaryPrimitives.ReadUInt32BigEndian(key[1..]) == topic && BinaryPrimitives.ReadInt32BigEndian(key[5..]) == partition
            ? BinaryPrimitives.ReadInt64BigEndian(key[9..])
            : -1;

    public static byte[] Low(uint topic, int partition)
    {
        var key = new byte[9];
        key[0] = (byte)'l';
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), topic);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(5), partition);
        return key;
    }

    public static byte[] Committed(uint topic, int partition, string group)
    {
        var key = new byte[9 + Encoding.UTF8.GetByteCount(group)];
        key[0] = (byte)'c';
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), topic);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(5), partition);
        Encoding.UTF8.GetBytes(group, key.AsSpan(9));
        return key;
    }

    public static byte[] Topic(string name) => [.. TopicPrefix, .. Encoding.UTF8.GetBytes(name)];

    public static byte[] Settings(string topic) => [.. "s"u8, .. Encoding.UTF8.GetBytes(topic)];

    /// <summary>What the positions of all groups on a topic begin with.</summary>
    public static byte[] CommittedOf(uint topic)
    {
        var key = new byte[5];
        key[0] = (byte)'c';
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), topic);
        return key;
    }

    public static (uint Topic, int Partition, string Group) ReadCommitted(ReadOnlySpan<byte> key) =>
        (BinaryPrimitives.ReadUInt32BigEndian(key[1..]), BinaryPrimitives.ReadInt32BigEndian(key[5..]), Encoding.UTF8.GetString(key[9..]));
}
