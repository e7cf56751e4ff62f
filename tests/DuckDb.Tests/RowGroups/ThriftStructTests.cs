using RealTimeMesh.DeltaLake.Thrift;
using System.Buffers;
using RealTimeMesh.DuckDb.RowGroups;

namespace RealTimeMesh.DuckDb.Tests.RowGroups;

/// <summary>The compact protocol as fields' bytes.</summary>
public sealed class ThriftStructTests
{
    // {1: true, 2: -3 (i32), 20: "ab", 21: [1, 2] (i64), 22: {1: 7 (i8)}, 23: {1: [bool]}, 40: map<i32, binary>}, then 2 bytes that are not its own.
    private static readonly byte[] s_bytes =
    [
        0x11, 0x15, 0x05, 0x08, 0x28, 0x02, (byte)'a', (byte)'b', 0x19, 0x26, 0x02, 0x04, 0x1C, 0x13, 0x07, 0x00,
        0x1C, 0x19, 0x21, 0x01, 0x02, 0x00, 0x0B, 0x50, 0x01, 0x58, 0x04, 0x01, (byte)'x', 0x00, 0xFF, 0xFF,
    ];

    [Fact]
    public void A_struct_is_written_as_it_was_read()
    {
        var read = ThriftStruct.Read(s_bytes, out var length);
        Assert.Equal(s_bytes.Length - 2, length);
        Assert.Equal(s_bytes[..length], Written(read));
        Assert.Equal(-3, read.Integer(2));
        Assert.Null(read.Integer(3));
        Assert.True(read.Has(1) && !read.Has(3));
        Assert.Throws<ThriftException>(() => read.Integer(20));
        Assert.Throws<ThriftException>(() => read.Structs(21));
    }

    [Fact]
    public void Fields_are_replaced_and_removed_and_others_stay()
    {
        var read = ThriftStruct.Read(s_bytes);
        var copy = read.Copy();
        copy.Replace(2, long.MinValue);
        copy.Replace(99, 5);
        copy.Remove(20);
        copy.Replace(21, [.. Enumerable.Repeat(ThriftStruct.Read(new byte[] { 0x16, 0x02, 0x00 }), 20)]);
        var again = ThriftStruct.Read(Written(copy));
        Assert.Equal(long.MinValue, again.Integer(2));
        Assert.False(again.Has(20) || again.Has(99));
        Assert.Equal(-3, read.Integer(2));
        Assert.Equal(20, again.Structs(21).Count);
        Assert.True(again.Raw(40).Span.SequenceEqual(read.Raw(40).Span));
    }

    [Fact]
    public void Bytes_that_end_early_or_nest_without_end_are_refused()
    {
        for (var length = 0; length < s_bytes.Length - 2; length++)
            Assert.Throws<ThriftException>(() => ThriftStruct.Read(s_bytes.AsMemory(0, length)));
        Assert.Throws<ThriftException>(() => ThriftStruct.Read(Enumerable.Repeat((byte)0x1C, 10_000).ToArray()));
        Assert.Throws<ThriftException>(() => ThriftStruct.Read(new byte[] { 0x1E, 0x00, 0x00 }));
        Assert.Throws<ThriftException>(() => ThriftStruct.Read(new byte[] { 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00 }));
    }

    private static byte[] Written(ThriftStruct value)
    {
        var output = new ArrayBufferWriter<byte>();
        value.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
