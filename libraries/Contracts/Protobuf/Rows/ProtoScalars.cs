using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>Which scalar types become which fields, and the bytes of their defaults.</summary>
internal static class ProtoScalars
{
    /// <summary>Null where no value of the type could be a value of the field.</summary>
    public static ProtoStep? Step(string type, Field target) => type switch
    {
        "bool" => target.Type == FieldType.Boolean ? new ProtoBooleanStep() : null,
        "float" => IsNumber(target) ? new ProtoFloatStep() : null,
        "double" => IsNumber(target) ? new ProtoDoubleStep() : null,
        "string" => target.Type is FieldType.String or FieldType.Date or FieldType.Timestamp or FieldType.Decimal ? new ProtoTextStep() : null,
        "bytes" => target.Type == FieldType.Bytes ? new ProtoBytesStep() : null,
        _ => Integer(type) is { } kind && (IsNumber(target) || target.Type is FieldType.Int32 or FieldType.Int64 or FieldType.Date or FieldType.Timestamp or FieldType.Decimal) ? new ProtoIntegerStep(kind) : null,
    };

    /// <summary>What a value of zero, false or nothing is on the wire.</summary>
    public static byte[] Zero(ProtoStep step) => step.Wire switch
    {
        ProtoCursor.Fixed32 => new byte[4],
        ProtoCursor.Fixed64 => new byte[8],
        _ => [0],
    };

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));

        bytes.Add((byte)value);
        return [.. bytes];
    }

    /// <summary>A default as a document gives it; null where it is not one of a scalar.</summary>
    public static byte[]? Encode(string type, ProtoValue value, ProtoStep step)
    {
        if (value is ProtoText text)
        {
            var utf8 = Encoding.UTF8.GetBytes(text.Text);
            return [.. Varint((ulong)utf8.Length), .. utf8];
        }

        if (value is not ProtoWord { Text: var word } || Integer(type) is null && type is not ("bool" or "float" or "double"))
            return null;

        if (type == "bool")
            return [word == "true" ? (byte)1 : (byte)0];

        var bytes = Zero(step);
        if (type is "float" or "double")
        {
            if (!double.TryParse(word.Replace("inf", "Infinity", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return null;

            if (type == "float")
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)number);
            else
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);

            return bytes;
        }

        var hex = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!Int128.TryParse(hex ? word[2..] : word, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return null;

        var bits = (ulong)integer;
        if (type is "sint32" or "sint64")
            bits = ((ulong)(long)integer << 1) ^ (ulong)((long)integer >> 63);

        switch (step.Wire)
        {
            case ProtoCursor.Fixed32: BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)bits); return bytes;
            case ProtoCursor.Fixed64: BinaryPrimitives.WriteUInt64LittleEndian(bytes, bits); return bytes;
            default: return Varint(bits);
        }
    }

    private static bool IsNumber(Field field) => field.Type is FieldType.Float32 or FieldType.Float64;

    private static ProtoInteger? Integer(string type) => type switch
    {
        "int32" => ProtoInteger.Int32,
        "int64" => ProtoInteger.Int64,
        "uint32" => ProtoInteger.UInt32,
        "uint64" => ProtoInteger.UInt64,
        "sint32" => ProtoInteger.SInt32,
        "sint64" => ProtoInteger.SInt64,
        "fixed32" => ProtoInteger.Fixed32,
        "fixed64" => ProtoInteger.Fixed64,
        "sfixed32" => ProtoInteger.SFixed32,
        "sfixed64" => ProtoInteger.SFixed64,
        _ => null,
    };
}
