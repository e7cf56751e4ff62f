namespace RealTimeMesh.Contracts.Containers;

/// <summary>What a reader of Avro files takes from bytes that nobody vouches for.</summary>
public sealed record AvroFileOptions
{
    /// <summary>Longest block as it is stored, in bytes. Default 64 MiB: writers make blocks of 16 KiB to a few MiB.</summary>
    public int MaxStoredBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Longest block once unpacked, in bytes. Default 256 MiB; a block is held in memory whole.</summary>
    public int MaxUnpackedBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Longest header (schema and metadata), in bytes. Default 8 MiB.</summary>
    public int MaxHeaderBytes { get; init; } = 8 * 1024 * 1024;
}
