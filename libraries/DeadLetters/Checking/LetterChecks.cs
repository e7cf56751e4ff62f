using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Checking;

/// <summary>Says whether messages would be taken at their destinations. Of one request; not thread-safe.</summary>
internal sealed class LetterChecks(MessageDecoder decoder, DoorRules rules)
{
    public async ValueTask<Verdict> CheckAsync(ReadOnlyMemory<byte> value, Destination destination, CancellationToken cancellationToken)
    {
        if (destination.Obstacle is { } obstacle)
            return new Verdict(false, "destination", Expected: obstacle);
        if (destination.Door is { } door)
            return await rules.CheckAsync(door, value, cancellationToken);
        var decoded = await decoder.DecodeAsync(value, cancellationToken);
        if (decoded.Fault is { } fault)
            return decoded.Schema is null ? Verdict.Unknown(fault) : new Verdict(false, "decoding", Found: fault, Expected: $"a value of schema {decoded.Schema}");
        return Verdict.Unknown(decoded.Format == "avro" ? "it is a value of its schema; what its consumers make of it is theirs to say" : "no contract is known for the topic");
    }
}
