using System.Buffers;

namespace RealTimeMesh.Contracts;

/// <summary>
/// A stream's contract: an Avro record schema with its row form and a compiled binary codec
/// (Avro 1.12 specification, "Binary Encoding"). Immutable; may be shared between threads.
/// </summary>
public sealed class AvroContract
{
    private readonly FieldWriter[] _writers;
    private readonly ContractReader _reader;

    private AvroContract(AvroRecord record, string json)
    {
        Record = record;
        Json = json;
        Rows = FlatFields.From(record);
        _writers = [.. record.Fields.Select((field, i) => FieldWriter.Create(field, Rows.Fields[i]))];
        _reader = ContractReader.Resolve(this, record);
    }

    /// <summary>Full name of the record, namespace included.</summary>
    public string Name => Record.FullName;

    /// <summary>The schema document as it was parsed.</summary>
    public string Json { get; }

    /// <summary>The record's fields as columns.</summary>
    public RowSchema Rows { get; }

    /// <summary>The parsed schema.</summary>
    public AvroRecord Record { get; }

    /// <summary>Parses a record schema. Throws <see cref="ContractException"/> naming the element that is wrong.</summary>
    public static AvroContract Parse(string json) =>
        AvroSchema.Parse(json) is var schema && schema is AvroRecord record
            ? new AvroContract(record, json)
            : throw new ContractException($"contract: found type {schema}; expected a record. Wrap it in a record with one field.");

    /// <summary>A contract of other fields than its document has.</summary>
    internal static AvroContract Of(AvroRecord record, string json) => new(record, json);

    /// <summary>
    /// Writes one row as Avro binary; the contract's fields are the first columns of <paramref name="batch"/>. Throws
    /// <see cref="ContractException"/>, and writes nothing, where a value is not of its field's type: rows that were
    /// read by <see cref="JsonRowReader"/>, <see cref="RowBuilder"/> or a decoder are always encodable.
    /// </summary>
    public void Encode(ColumnBatch batch, int row, IBufferWriter<byte> output)
    {
        var columns = batch.ColumnArray;
        var writers = _writers;
        var max = 0;
        for (var i = 0; i < writers.Length; i++)
            max += writers[i].MaxLength(columns[i], row);

        var span = output.GetSpan(max);
        var length = 0;
        for (var i = 0; i < writers.Length; i++)
            length += writers[i].Write(columns[i], row, span[length..]);

        output.Advance(length);
    }

    /// <summary>Appends the row held in an Avro binary payload. Returns false, with the reason, and appends nothing where the payload is not of this schema.</summary>
    public bool TryDecode(ReadOnlySpan<byte> payload, ColumnBatch output, out string? error) => _reader.TryRead(payload, output, out error);

    /// <summary>A reader of payloads written with another schema. Throws <see cref="ContractException"/> where this contract cannot read them.</summary>
    public ContractReader Resolve(AvroSchema writer) => ContractReader.Resolve(this, writer);
}
