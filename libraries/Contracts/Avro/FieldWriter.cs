using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RealTimeMesh.Contracts;

/// <summary>One compiled step of encoding: writes one column's value of a row. Built once per contract.</summary>
internal abstract class FieldWriter
{
    private byte _nullByte;
    private byte _valueByte;
    private bool _union;

    protected string Name { get; private set; } = "";

    public static FieldWriter Create(AvroField field, Field flat)
    {
        var schema = field.Schema;
        var union = schema as AvroUnion;
        var value = union is null ? schema : union.Branches.First(branch => branch.Kind != AvroKind.Null);
        var writer = Create(value, flat);
        writer.Name = flat.Name;
        if (union is not null)
        {
            writer._union = true;
            // Zig-zag of the branch's position.
            writer._nullByte = (byte)(union.Branches[0].Kind == AvroKind.Null ? 0 : 2);
            writer._valueByte = (byte)(2 - writer._nullByte);
        }

        return writer;
    }

    /// <summary>No fewer bytes than the value needs, its union branch included.</summary>
    public int MaxLength(Column column, int row) => column.IsNull(row) ? 1 : 1 + MaxValueLength(column, row);

    /// <summary>Writes the value and returns its length.</summary>
    public int Write(Column column, int row, Span<byte> destination)
    {
        if (column.IsNull(row))
        {
            if (!_union)
                throw Fault("null", "a value");

            destination[0] = _nullByte;
            return 1;
        }

        if (!_union)
            return WriteValue(column, row, destination);

        destination[0] = _valueByte;
        return 1 + WriteValue(column, row, destination[1..]);
    }

    protected abstract int MaxValueLength(Column column, int row);

    protected abstract int WriteValue(Column column, int row, Span<byte> destination);

    protected static int WriteLong(Span<byte> destination, long value)
    {
        var bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        var length = 0;
        while (bits >= 0x80)
        {
            destination[length++] = (byte)(bits | 0x80);
            bits >>= 7;
        }

        destination[length++] = (byte)bits;
        return length;
    }

    protected ContractException Fault(string found, string expected) =>
        new($"field '{Name}': found {found}; expected {expected}. Check the value before it is encoded.");

    private static FieldWriter Create(AvroSchema schema, Field flat) => schema.Kind switch
    {
        AvroKind.Boolean => new Booleans(),
        AvroKind.Int => new Integers(int.MinValue, int.MaxValue, 1),
        AvroKind.Long => new Integers(long.MinValue, long.MaxValue, flat.EpochUnit == EpochUnit.Milliseconds ? 1000 : 1),
        AvroKind.Float => new Floats(),
        AvroKind.Double => new Doubles(),
        AvroKind.String => new Strings(),
        AvroKind.Enum => new Symbols(((AvroEnum)schema).Symbols),
        AvroKind.Bytes or AvroKind.Fixed when flat.Type == FieldType.Decimal => new DecimalValues(flat, (schema as AvroFixed)?.Size ?? 0),
        AvroKind.Bytes => new ByteStrings(0),
        AvroKind.Fixed => new ByteStrings(((AvroFixed)schema).Size),
        _ => throw new ContractException($"field '{flat.Name}': type {schema} has no flat form"),
    };

    private sealed class Booleans : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => 1;

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            destination[0] = ((BooleanColumn)column)[row] ? (byte)1 : (byte)0;
            return 1;
        }
    }

    private sealed class Integers(long min, long max, long unit) : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => 10;

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            var value = ((Int64Column)column)[row];
            if (value < min || value > max)
                throw Fault($"{value}", "a 32-bit integer");

            if (unit != 1)
            {
                if (value % unit != 0)
                    throw Fault($"{value} microseconds", "whole milliseconds");

                value /= unit;
            }

            return WriteLong(destination, value);
        }
    }

    private sealed class Floats : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => sizeof(float);

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            BinaryPrimitives.WriteSingleLittleEndian(destination, (float)((Float64Column)column)[row]);
            return sizeof(float);
        }
    }

    private sealed class Doubles : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => sizeof(double);

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(destination, ((Float64Column)column)[row]);
            return sizeof(double);
        }
    }

    private sealed class Strings : FieldWriter
    {
        // Up to here the length prefix is one byte whatever the characters are, so that one pass is enough.
        private const int MaxShort = 21;

        protected override int MaxValueLength(Column column, int row) => 5 + (3 * ((StringColumn)column)[row].Length);

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            var text = ((StringColumn)column)[row];
            var prefix = text.Length <= MaxShort ? 1 : WriteLong(destination, Encoding.UTF8.GetByteCount(text));
            if (Utf8.FromUtf16(text, destination[prefix..], out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
                throw Fault("text with half of a surrogate pair", "valid Unicode");

            if (text.Length <= MaxShort)
                destination[0] = (byte)(written << 1);

            return prefix + written;
        }
    }

    private sealed class Symbols(IReadOnlyList<string> symbols) : FieldWriter
    {
        private readonly Dictionary<string, int> _ordinals = symbols.Select((symbol, i) => (symbol, i)).ToDictionary(pair => pair.symbol, pair => pair.i, StringComparer.Ordinal);

        protected override int MaxValueLength(Column column, int row) => 5;

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            var text = ((StringColumn)column)[row];
            return _ordinals.TryGetValue(text, out var ordinal)
                ? WriteLong(destination, ordinal)
                : throw Fault(RowFaults.Quote(text), $"one of {RowFaults.Cut(string.Join(", ", symbols))}");
        }
    }

    private sealed class ByteStrings(int size) : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => 5 + ((BytesColumn)column)[row].Length;

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            var bytes = ((BytesColumn)column)[row];
            if (size > 0 && bytes.Length != size)
                throw Fault($"{bytes.Length} bytes", $"{size} bytes");

            var prefix = size > 0 ? 0 : WriteLong(destination, bytes.Length);
            bytes.CopyTo(destination[prefix..]);
            return prefix + bytes.Length;
        }
    }

    private sealed class DecimalValues(Field flat, int size) : FieldWriter
    {
        protected override int MaxValueLength(Column column, int row) => Math.Max(size, 1 + AvroDecimal.MaxBytes);

        protected override int WriteValue(Column column, int row, Span<byte> destination)
        {
            var value = ((DecimalColumn)column)[row];
            if (!Decimals.TryUnscale(value, flat.Precision, flat.Scale, out var unscaled))
                throw Fault($"{value}", $"decimal({flat.Precision},{flat.Scale})");

            if (size == 0)
            {
                var length = AvroDecimal.Write(unscaled, destination[1..]);
                destination[0] = (byte)(length << 1);
                return 1 + length;
            }

            return AvroDecimal.TryWriteFixed(unscaled, destination[..size]) ? size : throw Fault($"{value}", $"a decimal of {size} bytes");
        }
    }
}
