namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>protocol</c> action. Feature lists are null below reader version 3 and writer version 7.</summary>
public sealed record ProtocolAction(int MinReaderVersion, int MinWriterVersion, IReadOnlyList<string>? ReaderFeatures, IReadOnlyList<string>? WriterFeatures)
{
    /// <summary>The lowest versions that hold what this library writes; readable by every client.</summary>
    public static ProtocolAction Default { get; } = new(1, 2, null, null);
}
