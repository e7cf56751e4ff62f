namespace RealTimeMesh.Contracts;

/// <summary>Passes over a value of any schema: fields of the writer that the reader does not have.</summary>
internal static class AvroSkipper
{
    public static bool TrySkip(ref AvroCursor cursor, AvroSchema schema)
    {
        switch (schema)
        {
            case AvroRecord record:
                if (!cursor.TryEnter())
                    return false;

                foreach (var field in record.Fields)
                {
                    if (!TrySkip(ref cursor, field.Schema))
                        return cursor.FailedAt(field.Name);
                }

                cursor.Leave();
                return true;
            case AvroUnion union:
                if (!cursor.TryReadLong(out var branch))
                    return false;

                return (ulong)branch < (ulong)union.Branches.Count
                    ? TrySkip(ref cursor, union.Branches[(int)branch])
                    : cursor.Fail($"union branch {branch}, of {union.Branches.Count}");
            case AvroArray array:
                return TrySkipBlocks(ref cursor, array.Items, isMap: false);
            case AvroMap map:
                return TrySkipBlocks(ref cursor, map.Values, isMap: true);
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

    private static bool TrySkipBlocks(ref AvroCursor cursor, AvroSchema items, bool isMap)
    {
        if (!cursor.TryEnter())
            return false;

        while (cursor.TryReadBlock(out var count, out var bytes))
        {
            if (count == 0)
            {
                cursor.Leave();
                return true;
            }

            if (bytes >= 0)
            {
                cursor.TryReadFixed((int)bytes, out _);
                continue;
            }

            for (; count > 0; count--)
            {
                if ((isMap && !cursor.TryReadBytes(out _)) || !TrySkip(ref cursor, items))
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
