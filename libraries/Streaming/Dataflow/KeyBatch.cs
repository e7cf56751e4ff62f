using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>
/// The keys of a batch's rows as bytes, with their hashes; reused between batches. Each field is a tag (0 for NULL) and
/// its value in a form whose equal values have equal bytes; <see cref="KeyReader"/> reads them back.
/// </summary>
internal sealed class KeyBatch
{
    private readonly int[] _ordinals;
    private byte[] _bytes = new byte[4096];
    private int[] _ends = [];
    private uint[] _hashes = [];
    private int _used;

    public KeyBatch(RowSchema schema, IReadOnlyList<string> by)
    {
        _ordinals = [.. by.Select(schema.IndexOf)];
        for (var i = 0; i < by.Count; i++)
        {
            if (_ordinals[i] < 0)
                throw new StreamingException($"key field '{by[i]}': not among {string.Join(", ", schema.Fields.Select(field => field.Name))}; correct the key.");
            if (schema.Fields[_ordinals[i]].Type == FieldType.Bytes)
                throw new StreamingException($"key field '{by[i]}': found type Bytes; expected a type with a text form; choose another field.");
        }
    }

    public ReadOnlySpan<byte> this[int row] => _bytes.AsSpan(row == 0 ? 0 : _ends[row - 1], _ends[row] - (row == 0 ? 0 : _ends[row - 1]));

    public uint HashOf(int row) => _hashes[row];

    /// <summary>Takes the keys of all rows.</summary>
    public void Read(ColumnBatch batch)
    {
        var count = batch.Count;
        if (_ends.Length < count)
        {
            _ends = new int[count];
            _hashes = new uint[count];
        }

        _used = 0;
        if (_ordinals.Length == 1 && batch.Columns[_ordinals[0]] is Int64Column { NullCount: 0 } numbers)
        {
            ReadNumbers(numbers.Values);
            return;
        }

        var start = 0;
        for (var row = 0; row < count; row++)
        {
            foreach (var ordinal in _ordinals)
                Append(batch.Columns[ordinal], row);
            _ends[row] = _used;
            _hashes[row] = KeyHash.Of(_bytes.AsSpan(start, _used - start));
            start = _used;
        }
    }

    private void ReadNumbers(ReadOnlySpan<long> values)
    {
        Reserve(values.Length * 9);
        var bytes = _bytes.AsSpan();
        for (var row = 0; row < values.Length; row++)
        {
            var key = bytes.Slice(_used, 9);
            key[0] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(key[1..], values[row]);
            _hashes[row] = KeyHash.Of(key);
            _used += 9;
            _ends[row] = _used;
        }
    }

    private void Append(Column column, int row)
    {
        Reserve(24);
        if (column.IsNull(row))
        {
            _bytes[_used++] = 0;
            return;
        }

        _bytes[_used++] = 1;
        switch (column)
        {
            case StringColumn texts:
                AppendText(texts[row]);
                break;
            case Int64Column numbers:
                BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_used), numbers[row]);
                _used += 8;
                break;
            case BooleanColumn booleans:
                _bytes[_used++] = booleans[row] ? (byte)1 : (byte)0;
                break;
            case Float64Column numbers:
                // One zero and one not-a-number, as SQL groups them.
                var value = numbers[row] == 0 ? 0 : double.IsNaN(numbers[row]) ? double.NaN : numbers[row];
                BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(_used), value);
                _used += 8;
                break;
            case DecimalColumn numbers:
                // 1.0 and 1.00 are one value: dividing by one with many zeros takes the trailing ones away.
                var number = numbers[row] / 1.0000000000000000000000000000m;
                MemoryMarshal.Write(_bytes.AsSpan(_used), in number);
                _used += 16;
                break;
        }
    }

    private void AppendText(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Reserve(most + 4);
        var written = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_used + 4));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_used), written);
        _used += 4 + written;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _used < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + count));
    }
}
