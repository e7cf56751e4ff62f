namespace RealTimeMesh.Contracts;

/// <summary>
/// One compiled step of decoding: reads one field of a message and appends it to a column. A failed step appends nothing;
/// where the bytes are to blame the cursor has the error, where the value does not fit the contract the fault says so.
/// </summary>
internal abstract class ProtoStep(int wire)
{
    /// <summary>The wire type that the field's values have.</summary>
    public int Wire => wire;

    public abstract bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault);
}

/// <summary>How the bits of a varint, or of 4 or 8 bytes, are an integer.</summary>
internal enum ProtoInteger
{
    Int32,
    Int64,
    UInt32,
    UInt64,
    SInt32,
    SInt64,
    Fixed32,
    Fixed64,
    SFixed32,
    SFixed64,
}

internal sealed class ProtoIntegerStep(ProtoInteger kind) : ProtoStep(WireOf(kind))
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!TryReadBits(ref cursor, out var bits))
            return false;

        if (bits > long.MaxValue && kind is ProtoInteger.UInt64 or ProtoInteger.Fixed64)
            return RowConverter.TryAppend(column, (decimal)bits, out fault);

        var value = kind switch
        {
            ProtoInteger.Int32 or ProtoInteger.SFixed32 => (int)bits,
            ProtoInteger.UInt32 => (uint)bits,
            ProtoInteger.SInt32 => (int)((uint)bits >> 1) ^ -(int)(bits & 1),
            ProtoInteger.SInt64 => (long)(bits >> 1) ^ -(long)(bits & 1),
            _ => (long)bits,
        };
        return RowConverter.TryAppend(column, value, out fault);
    }

    private static int WireOf(ProtoInteger kind) => kind switch
    {
        ProtoInteger.Fixed32 or ProtoInteger.SFixed32 => ProtoCursor.Fixed32,
        ProtoInteger.Fixed64 or ProtoInteger.SFixed64 => ProtoCursor.Fixed64,
        _ => ProtoCursor.Varint,
    };

    private bool TryReadBits(ref ProtoCursor cursor, out ulong bits)
    {
        if (Wire == ProtoCursor.Varint)
            return cursor.TryReadVarint(out bits);

        if (Wire == ProtoCursor.Fixed64)
            return cursor.TryReadFixed64(out bits);

        var read = cursor.TryReadFixed32(out var small);
        bits = small;
        return read;
    }
}

internal sealed class ProtoBooleanStep() : ProtoStep(ProtoCursor.Varint)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        return cursor.TryReadVarint(out var bits) && RowConverter.TryAppend(column, bits != 0, out fault);
    }
}

internal sealed class ProtoFloatStep() : ProtoStep(ProtoCursor.Fixed32)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        return cursor.TryReadFixed32(out var bits) && RowConverter.TryAppend(column, (double)BitConverter.UInt32BitsToSingle(bits), out fault);
    }
}

internal sealed class ProtoDoubleStep() : ProtoStep(ProtoCursor.Fixed64)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        return cursor.TryReadFixed64(out var bits) && RowConverter.TryAppend(column, BitConverter.UInt64BitsToDouble(bits), out fault);
    }
}

/// <summary>Text: to text, and to dates, timestamps and decimals as JSON writes them; of these an empty one is no value.</summary>
internal sealed class ProtoTextStep() : ProtoStep(ProtoCursor.Length)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!cursor.TryReadBytes(out var utf8))
            return false;

        return utf8.IsEmpty && (column.Field.Type != FieldType.String || column.Field.Uuid)
            ? RowConverter.TryAppendMissing(column, out fault)
            : RowConverter.TryAppendUtf8(column, utf8, out fault);
    }
}

internal sealed class ProtoBytesStep() : ProtoStep(ProtoCursor.Length)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        return cursor.TryReadBytes(out var bytes) && RowConverter.TryAppend(column, bytes.ToArray(), out fault);
    }
}

/// <summary>An enum by the names of its numbers.</summary>
internal sealed class ProtoEnumStep(Dictionary<int, string> names) : ProtoStep(ProtoCursor.Varint)
{
    public override bool TryRead(ref ProtoCursor cursor, Column column, out RowFault fault)
    {
        fault = default;
        if (!cursor.TryReadVarint(out var bits))
            return false;

        if (!names.TryGetValue((int)bits, out var name))
        {
            fault = RowFaults.Type(column.Field, $"enum number {(int)bits}, which the message's schema does not name");
            return false;
        }

        var symbols = column.Field.Symbols;
        if (symbols.Count > 0 && !symbols.Contains(name, StringComparer.Ordinal))
        {
            // The value that proto3 asks for and means nothing by.
            if ((int)bits == 0 && name.EndsWith("UNSPECIFIED", StringComparison.Ordinal))
                return RowConverter.TryAppendMissing(column, out fault);

            fault = RowFaults.Type(column.Field, $"enum value {name}");
            return false;
        }

        ((StringColumn)column).Append(name);
        return true;
    }
}
