using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>Rows of a schema in bytes, for state.</summary>
internal static class RowCodec
{
    public static void Write(BlobWriter blob, ColumnBatch rows, int row)
    {
        foreach (var column in rows.Columns)
        {
            if (column.IsNull(row))
            {
                blob.Byte(0);
                continue;
            }

            blob.Byte(1);
            switch (column)
            {
                case Int64Column numbers:
                    blob.Signed(numbers[row]);
                    break;
                case Float64Column numbers:
                    blob.Number(numbers[row]);
                    break;
                case StringColumn texts:
                    blob.Text(texts[row]);
                    break;
                case BooleanColumn flags:
                    blob.Byte(flags[row] ? (byte)1 : (byte)0);
                    break;
                case DecimalColumn numbers:
                    foreach (var part in decimal.GetBits(numbers[row]))
                        blob.Signed(part);
                    break;
                case BytesColumn bytes:
                    blob.Unsigned((ulong)bytes[row].Length);
                    blob.Bytes(bytes[row]);
                    break;
            }
        }
    }

    public static void Read(ref BlobReader blob, ColumnBatch rows)
    {
        foreach (var column in rows.Columns)
        {
            if (blob.Byte() == 0)
            {
                column.AppendNull();
                continue;
            }

            switch (column)
            {
                case Int64Column numbers:
                    numbers.Append(blob.Signed());
                    break;
                case Float64Column numbers:
                    numbers.Append(blob.Number());
                    break;
                case StringColumn texts:
                    texts.Append(blob.Text());
                    break;
                case BooleanColumn flags:
                    flags.Append(blob.Byte() != 0);
                    break;
                case DecimalColumn numbers:
                    numbers.Append(new decimal([(int)blob.Signed(), (int)blob.Signed(), (int)blob.Signed(), (int)blob.Signed()]));
                    break;
                case BytesColumn bytes:
                    bytes.Append(blob.Take(blob.Count()).ToArray());
                    break;
            }
        }
    }
}
