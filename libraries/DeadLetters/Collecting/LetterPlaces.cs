using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>
/// Where messages stand, by which each becomes one letter: partition and offset; the broker's number of a message where it has ids
/// that are not consecutive (partition -1); a number made of the message itself where the broker tells nothing.
/// </summary>
internal sealed class LetterPlaces(PubSubCapabilities capabilities)
{
    /// <summary>Messages have offsets: those below the position of their partition were collected.</summary>
    public bool HasOffsets => capabilities.Offsets;

    private bool HasIds => capabilities is { Positions: true, Durable: true };

    public LetterPlace Of(string topic, int partition, in DeliveredMessage message) =>
        HasOffsets ? new LetterPlace(topic, partition, message.Offset) : new LetterPlace(topic, LetterPlace.NoPartition, HasIds ? message.Offset : Identity(message));

    /// <summary>The same for a message that is delivered again as it was. Headers of the delivery itself are left out.</summary>
    private static long Identity(in DeliveredMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string?[])[message.Key, message.Headers.Find("ce_id"), message.Headers.Find(RedriveHeaders.Name)])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part ?? ""));
            hash.AppendData([0]);
        }

        hash.AppendData(message.Value.Span);
        Span<byte> result = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(result);
        return BinaryPrimitives.ReadInt64BigEndian(result) & long.MaxValue;
    }
}
