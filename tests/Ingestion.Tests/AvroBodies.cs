using System.Buffers;
using System.Text;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Bodies of events of the sample stream, as senders with schemas of their own write them.</summary>
internal static class AvroBodies
{
    /// <summary>A writer that lacks a field, has one of its own and writes one in a narrower type.</summary>
    public const string OldSchema = """
        {"type":"record","name":"Visit","namespace":"test","fields":[
          {"name":"seconds","type":"int"},
          {"name":"agent","type":{"type":"array","items":"string"}},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"place","type":"string"}]}
        """;

    public const int OldId = 21;

    private static readonly AvroContract OldRows = AvroContract.Parse(OldSchema.Replace("""{"type":"array","items":"string"}""", "\"int\"", StringComparison.Ordinal));

    /// <summary>Avro binary by <see cref="OldSchema"/>.</summary>
    public static byte[] Old(int i)
    {
        var batch = new ColumnBatch(OldRows.Rows);
        Assert.True(new JsonRowReader(OldRows.Rows).TryRead(Encoding.UTF8.GetBytes($$"""{"place":"P{{i % 7}}","seconds":{{i}},"agent":0,"at":"2026-01-01T00:00:{{i % 60:D2}}Z"}"""), batch, out var fault), fault.ToString());
        var output = new ArrayBufferWriter<byte>();
        OldRows.Encode(batch, 0, output);
        // An empty array is the same byte as the number 0.
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Framed(int i, int id = OldId) => [.. Header(id), .. Old(i)];

    public static byte[] SingleObject(int i)
    {
        var header = new byte[AvroFingerprint.HeaderLength];
        AvroFingerprint.WriteHeader(header, AvroFingerprint.Of(AvroSchema.Parse(OldSchema)));
        return [.. header, .. Old(i)];
    }

    public static byte[] File(int count, string codec, int blockRows = 10)
    {
        var stream = new MemoryStream();
        var writer = new AvroFileWriter(stream, OldSchema, codec);
        for (var i = 0; i < count; i++)
        {
            writer.Add(Old(i));
            if (i % blockRows == blockRows - 1)
                writer.EndBlock();
        }

        writer.EndBlock();
        return stream.ToArray();
    }

    public static byte[] Delimited(params IEnumerable<byte[]> records)
    {
        var stream = new MemoryStream();
        foreach (var record in records)
        {
            for (var rest = (uint)record.Length; ; rest >>= 7)
            {
                stream.WriteByte((byte)(rest >= 0x80 ? rest | 0x80 : rest));
                if (rest < 0x80)
                    break;
            }

            stream.Write(record);
        }

        return stream.ToArray();
    }

    private static byte[] Header(int id)
    {
        var header = new byte[ConfluentFrame.HeaderLength];
        ConfluentFrame.WriteHeader(header, id);
        return header;
    }
}
