using System.Buffers;
using System.Globalization;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>
/// The headers of a redriven message: <c>mesh-redrive: JOB/LETTER</c> says which letter it was, so that a job that was cut short finds
/// what it had written and a letter that comes back is known; <c>mesh-redrives</c> how often it was redriven by now;
/// <c>mesh-redrive-for</c> who gave it up, where it is meant for them alone: the topic's other consumers have had it.
/// </summary>
internal static class RedriveHeaders
{
    public const string Name = "mesh-redrive";
    public const string Count = "mesh-redrives";
    public const string For = "mesh-redrive-for";

    /// <summary>As CloudEvents attributes, whose names have letters and digits only.</summary>
    public const string Attribute = "meshredrive";
    public const string CountAttribute = "meshredrives";

    /// <summary>Place in the source's own order: consumers have passed it when they gave the message up, and would drop it.</summary>
    private const string Sequence = "ce_sequence";

    public static string Value(string job, string letter) => $"{job}/{letter}";

    public static MessageHeaders Add(MessageHeaders headers, string job, string letter, int redrives, string? consumer)
    {
        var output = new ArrayBufferWriter<byte>(headers.Block.Length + 160);
        foreach (var header in headers)
        {
            var name = Encoding.UTF8.GetString(header.Name);
            // A broker's own (__offset and the like) were true of the old place only.
            if (name is not (Name or Count or For or Sequence) && !name.StartsWith("__", StringComparison.Ordinal))
                MessageHeaders.Append(output, name, header.Value);
        }

        MessageHeaders.Append(output, Name, Value(job, letter));
        MessageHeaders.Append(output, Count, redrives.ToString(CultureInfo.InvariantCulture));
        if (!string.IsNullOrEmpty(consumer))
            MessageHeaders.Append(output, For, consumer);
        return new MessageHeaders(output.WrittenMemory);
    }

    /// <summary>The job and letter of a redriven message; null for any other.</summary>
    public static (string Job, string Letter)? Find(MessageHeaders headers) =>
        headers.Find(Name)?.Split('/', 2) is [var job, var letter] ? (job, letter) : null;

    public static int Redrives(MessageHeaders headers) =>
        int.TryParse(headers.Find(Count), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
