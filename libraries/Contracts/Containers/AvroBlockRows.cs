using System.Globalization;

namespace RealTimeMesh.Contracts.Containers;

/// <summary>What became of one record of a block.</summary>
public enum BlockRow
{
    /// <summary>It is a row.</summary>
    Row,

    /// <summary>It is whole, but the contract cannot take its values.</summary>
    Refused,

    /// <summary>It is not of the writer's schema; where the next record begins is not known.</summary>
    Broken,
}

/// <summary>Reads the records of a block, which stand one behind the other without lengths, into rows of a contract. May be shared between threads.</summary>
public sealed class AvroBlockRows
{
    private readonly AvroSchema _writer;
    private readonly ContractReader _reader;

    /// <summary>Throws <see cref="ContractException"/> where the contract cannot read what the writer's schema writes.</summary>
    public AvroBlockRows(AvroContract contract, AvroSchema writer)
    {
        _writer = writer;
        _reader = contract.Resolve(writer);
    }

    /// <summary>Reads the record at <paramref name="offset"/> and moves it behind the record, unless that is broken.</summary>
    public BlockRow Read(ReadOnlySpan<byte> block, ref int offset, ColumnBatch output, out string? error)
    {
        var row = ReadRow(block, ref offset, output, out var fault);
        error = row == BlockRow.Row ? null : string.IsNullOrEmpty(fault.Field) ? fault.Found : $"field '{fault.Field}': {fault.Found}";
        return row;
    }

    /// <summary>As <see cref="Read"/>, with the field that is wrong apart from the reason.</summary>
    public BlockRow ReadRow(ReadOnlySpan<byte> block, ref int offset, ColumnBatch output, out RowFault fault)
    {
        var rest = block[offset..];
        if (_reader.TryReadRow(rest, output, out var length, out fault))
        {
            offset += length;
            return BlockRow.Row;
        }

        var cursor = new AvroCursor(rest);
        if (!AvroSkipper.TrySkip(ref cursor, _writer))
        {
            fault = fault with { Field = cursor.Path ?? "", Found = string.Create(CultureInfo.InvariantCulture, $"byte {offset + cursor.Position}: {cursor.Error}") };
            return BlockRow.Broken;
        }

        offset += cursor.Position;
        return BlockRow.Refused;
    }

    /// <summary>Passes over a record. False, with the reason, where it is broken.</summary>
    public bool TrySkip(ReadOnlySpan<byte> block, ref int offset, out string? error)
    {
        var cursor = new AvroCursor(block[offset..]);
        if (!AvroSkipper.TrySkip(ref cursor, _writer))
        {
            error = string.Create(CultureInfo.InvariantCulture, $"byte {offset + cursor.Position}: {cursor.Describe()}");
            return false;
        }

        error = null;
        offset += cursor.Position;
        return true;
    }

    /// <summary>A whole record as JSON, for people: see <see cref="AvroJson"/>.</summary>
    public byte[] ToJson(ReadOnlySpan<byte> record) => AvroJson.Decode(_writer, record, tagged: false);
}
