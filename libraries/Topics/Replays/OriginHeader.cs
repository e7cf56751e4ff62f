using System.Buffers;
using System.Globalization;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Replays;

/// <summary>
/// The header that says where a replayed record came from: <c>mesh-replay: ID/TOPIC/PARTITION/OFFSET</c>. A replay that was cut short
/// finds by it what it had written already.
/// </summary>
internal static class OriginHeader
{
    public const string Name = "mesh-replay";

    /// <summary>The record's headers and this one.</summary>
    public static MessageHeaders Add(MessageHeaders headers, string id, string topic, int partition, long offset)
    {
        var output = new ArrayBufferWriter<byte>(headers.Block.Length + 128);
        // The record may have been replayed before: the last replay counts.
        foreach (var header in headers)
        {
            if (!header.Name.SequenceEqual("mesh-replay"u8))
                MessageHeaders.Append(output, Encoding.UTF8.GetString(header.Name), header.Value);
        }

        MessageHeaders.Append(output, Name, string.Create(CultureInfo.InvariantCulture, $"{id}/{topic}/{partition}/{offset}"));
        return new MessageHeaders(output.WrittenMemory);
    }

    /// <summary>Where a record of this replay came from; null for any other record.</summary>
    public static (int Partition, long Offset)? Find(MessageHeaders headers, string id) =>
        headers.Find(Name)?.Split('/') is [var replay, .., var partition, var offset] && replay == id
        && int.TryParse(partition, CultureInfo.InvariantCulture, out var index) && long.TryParse(offset, CultureInfo.InvariantCulture, out var number)
            ? (index, number)
            : null;
}
