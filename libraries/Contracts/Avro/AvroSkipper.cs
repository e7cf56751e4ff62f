namespace RealTimeMesh.Contracts;

/// <summary>Passes over a value of any schema: fields of the writer that the reader does not have.</summary>
internal static class AvroSkipper
{
    // An array of nulls takes no bytes per item: without a bound five bytes could claim 2^31 of them.
    private const int MaxItems = 10_000_000;
    private const int MaxDepth = 64;

    public static bool TrySkip(ref AvroCursor cursor, AvroSchema schema)
    {
        var budget = MaxItems;
        return TrySkip(ref cursor, schema, 0, ref budget);
    }

    private static bool TrySkip(ref AvroCursor cursor, AvroSchema schema, int depth, ref int budget)
    {
        if (depth > MaxDepth)
            return cursor.Fail($"value nested more than {MaxDepth} deep");

        if (--budget < 0)
            return cursor.Fail($"more than {MaxItems} values in one field");

        switch (schema)
        {
            case AvroRecord record:
                foreach (var field in record.Fields)
                {
                    if (!TrySkip(ref cursor, field.Schema, depth + 1, ref budget))
                        return false;
                }

                return true;
            case AvroUnion union:
                if (!cursor.TryReadLong(out var branch))
                    return false;

                return (ulong)branch < (ulong)union.Branches.Count
                    ? TrySkip(ref cursor, union.Branches[(int)branch], depth + 1, ref budget)
                    : cursor.Fail($"union branch {branch}, of {union.Branches.Count}");
            case AvroArray array:
                return TrySkipBlocks(ref cursor, array.Items, isMap: false, depth, ref budget);
            case AvroMap map:
                return TrySkipBlocks(ref cursor, map.Values, isMap: true, depth, ref budget);
            case AvroFixed fixedSize:
                return cursor.TryReadFixed(fixedSize.Size, out _);
        }

        return schema.Kind switch
        {
            AvroKind.Null => true,
            AvroKind.Boolean => cursor.TryReadByte(out _),
            AvroKind.Int or AvroKind.Enum => cursor.TryReadInt(out _),
            AvroKind.Long => cursor.TryReadLong(out _),
            AvroKind.Float => cursor.TryReadFixed(sizeof(float), out _),
            AvroKind.Double => cursor.TryReadFixed(sizeof(double), out _),
            _ => cursor.TryReadBytes(out _),
        };
    }

    private static bool TrySkipBlocks(ref AvroCursor cursor, AvroSchema items, bool isMap, int depth, ref int budget)
    {
        while (cursor.TryReadLong(out var count))
        {
            if (count == 0)
                return true;

            // A negative count is followed by the block's length in bytes.
            if (count < 0)
            {
                if (!cursor.TryReadLong(out var bytes))
                    return false;

                if (bytes < 0 || bytes > cursor.Remaining)
                    return cursor.Fail($"block of {bytes} bytes beyond the end of the payload");

                if (!cursor.TryReadFixed((int)bytes, out _))
                    return false;

                continue;
            }

            for (; count > 0; count--)
            {
                if ((isMap && !cursor.TryReadBytes(out _)) || !TrySkip(ref cursor, items, depth + 1, ref budget))
                    return false;
            }
        }

        return false;
    }
}

/// <summary>Passes over a field of the writer.</summary>
internal sealed class SkippingReader(AvroSchema schema) : FieldReader
{
    public override bool TryRead(ref AvroCursor cursor, Column column) => AvroSkipper.TrySkip(ref cursor, schema);
}
