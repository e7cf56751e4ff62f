namespace RealTimeMesh.Contracts.Containers;

/// <summary>An Avro file that breaks the format.</summary>
/// <param name="message">What was found and expected, with block and offset.</param>
/// <param name="block">Number of the block, from 0; -1 for the header.</param>
/// <param name="offset">Offset in the file where the block or header begins.</param>
public sealed class AvroFileException(string message, long block, long offset, Exception? inner = null) : RealTimeMeshException(message, inner)
{
    public long Block { get; } = block;

    public long Offset { get; } = offset;
}
