using System.Buffers;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A stream's contract: an Avro record schema with its row form and a compiled binary codec
/// (Avro 1.12 specification, "Binary Encoding").
/// </summary>
public sealed class AvroContract
{
    private AvroContract(string name, string json, RowSchema rows)
    {
        Name = name;
        Json = json;
        Rows = rows;
    }

    /// <summary>Full name of the record, namespace included.</summary>
    public string Name { get; }

    /// <summary>The schema document as it was parsed.</summary>
    public string Json { get; }

    /// <summary>The record's fields as columns.</summary>
    public RowSchema Rows { get; }

    /// <summary>Parses a record schema. Throws <see cref="ContractException"/> naming the element that is wrong.</summary>
    public static AvroContract Parse(string json) => throw new NotImplementedException();

    /// <summary>Writes one row as Avro binary.</summary>
    public void Encode(ColumnBatch batch, int row, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Appends the row held in an Avro binary payload. Returns false, with the reason, and appends nothing where the payload is not of this schema.</summary>
    public bool TryDecode(ReadOnlySpan<byte> payload, ColumnBatch output, out string? error) => throw new NotImplementedException();
}
