using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Appends the fields of a key that <see cref="KeyBatch"/> made to columns of their types.</summary>
internal static class KeyReader
{
    public static void Append(ReadOnlySpan<byte> key, ReadOnlySpan<Column> columns)
    {
        foreach (var column in columns)
        {
            var isNull = key[0] == 0;
            key = key[1..];
            if (isNull)
            {
                column.AppendNull();
                continue;
            }

            switch (column)
            {
                case StringColumn texts:
                    var length = BinaryPrimitives.ReadInt32LittleEndian(key);
                    if (!texts.TryAppendUtf8(key.Slice(4, length)))
                        throw new StreamingException($"stored key: field '{column.Field.Name}' is not UTF-8; the state was written by something else or is damaged.");
                    key = key[(4 + length)..];
                    break;
                case Int64Column numbers:
                    numbers.Append(BinaryPrimitives.ReadInt64LittleEndian(key));
                    key = key[8..];
                    break;
                case BooleanColumn booleans:
                    booleans.Append(key[0] != 0);
                    key = key[1..];
                    break;
                case Float64Column numbers:
                    numbers.Append(BinaryPrimitives.ReadDoubleLittleEndian(key));
                    key = key[8..];
                    break;
                case DecimalColumn numbers:
                    numbers.Append(MemoryMarshal.Read<decimal>(key));
                    key = key[16..];
                    break;
            }
        }
    }
}
