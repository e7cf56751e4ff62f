using System.Buffers;
using System.Collections.Concurrent;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>Keeps the dead letters that a service sends.</summary>
internal sealed class LetterBox : IDeadLetterSink
{
    private readonly ConcurrentQueue<OutgoingDeadLetter> _letters = new();

    public IReadOnlyList<OutgoingDeadLetter> Letters => [.. _letters];

    /// <summary>Takes nothing while set.</summary>
    public Exception? Fault { get; set; }

    public Task SendAsync(string deadLetterTopic, IReadOnlyList<OutgoingDeadLetter> letters, CancellationToken cancellationToken)
    {
        if (Fault is not null)
            return Task.FromException(Fault);
        foreach (var letter in letters)
            _letters.Enqueue(letter);
        return Task.CompletedTask;
    }

    /// <summary>A letter as it lies on its topic.</summary>
    public static byte[] Bytes(DeadLetterRecord record)
    {
        using var writer = new DeadLetterWriter();
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, record);
        return output.WrittenSpan.ToArray();
    }
}
