namespace RealTimeMesh.Contracts.Containers;

/// <summary>A compression of blocks (Avro 1.12, "Required Codecs" and "Optional Codecs").</summary>
internal interface IBlockCodec
{
    /// <summary>As it stands in <c>avro.codec</c>.</summary>
    string Name { get; }

    /// <summary>Unpacks a block into an emptied buffer. Returns what is wrong with the block, or null.</summary>
    string? Unpack(ReadOnlyMemory<byte> stored, UnpackedBlock output);
}
