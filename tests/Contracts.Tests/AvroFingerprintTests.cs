using System.Buffers.Binary;
using Avro;

namespace RealTimeMesh.Contracts.Tests;

public sealed class AvroFingerprintTests
{
    [Theory]
    [InlineData("\"null\"", 7195948357588979594)]
    [InlineData("\"int\"", 8247732601305521295)]
    [InlineData("""{"type":"record","name":"X","doc":"d","fields":[{"name":"a","type":{"type":"long","logicalType":"timestamp-micros"},"default":1}]}""", null)]
    [InlineData("""{"type":"record","name":"n.X","aliases":["Y"],"fields":[{"name":"a","type":["null","X"]},{"name":"b","type":{"type":"array","items":{"type":"map","values":{"type":"enum","name":"E","symbols":["A","B"]}}}},{"name":"c","type":{"type":"fixed","name":"F","size":4}},{"name":"d","type":"F"}]}""", null)]
    public void Fingerprints_are_those_of_Apache_Avro(string json, long? expected)
    {
        var ours = AvroFingerprint.Of(AvroSchema.Parse(json));
        if (expected is { } value)
            Assert.Equal((ulong)value, ours);
        var theirs = SchemaNormalization.ParsingFingerprint("CRC-64-AVRO", Schema.Parse(json));
        Assert.Equal(Convert.ToHexString(theirs), Convert.ToHexString(BitConverter.GetBytes(ours)));
        Assert.Equal(SchemaNormalization.ToParsingForm(Schema.Parse(json)), AvroFingerprint.ParsingForm(AvroSchema.Parse(json)));
    }

    [Fact]
    public void A_header_is_read_as_it_was_written()
    {
        var message = new byte[AvroFingerprint.HeaderLength + 2];
        AvroFingerprint.WriteHeader(message, 0x0123456789abcdef);
        Assert.True(AvroFingerprint.TryRead(message, out var fingerprint, out var payload));
        Assert.Equal((0x0123456789abcdefUL, 2), (fingerprint, payload.Length));
        Assert.False(AvroFingerprint.TryRead(message.AsSpan(0, 9), out _, out _));
        Assert.False(AvroFingerprint.TryRead(message.AsSpan(1), out _, out _));
    }
}
