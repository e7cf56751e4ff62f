using System.Globalization;
using System.Text;

namespace RealTimeMesh.Cel;

/// <summary>Conversions by the name of a type.</summary>
internal static class CelConversions
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static CelValue ToInt(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Int:
                return value;
            case CelKind.Uint:
                return value.AsUint > long.MaxValue ? CelErrors.IntOverflow : CelValue.Int(value.AsInt);
            case CelKind.Double:
                // The doubles next to both ends are outside: cel-go takes neither.
                return value.AsDouble is > long.MinValue and < 9223372036854775808.0 ? CelValue.Int((long)value.AsDouble) : CelErrors.IntOverflow;
            case CelKind.String:
                return long.TryParse(value.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? CelValue.Int(number) : CelErrors.NoConversion(value, "int");
            case CelKind.Timestamp:
                return CelValue.Int(value.AsInt);
            case CelKind.Duration:
                return CelValue.Int(value.AsInt);
            default:
                return CelErrors.NoConversion(value, "int");
        }
    }

    public static CelValue ToUint(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Uint:
                return value;
            case CelKind.Int:
                return value.AsInt < 0 ? CelErrors.UintOverflow : CelValue.Uint(value.AsUint);
            case CelKind.Double:
                return value.AsDouble is >= 0 and < 18446744073709551616.0 ? CelValue.Uint((ulong)value.AsDouble) : CelErrors.UintOverflow;
            case CelKind.String:
                return ulong.TryParse(value.AsString, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? CelValue.Uint(number) : CelErrors.NoConversion(value, "uint");
            default:
                return CelErrors.NoConversion(value, "uint");
        }
    }

    public static CelValue ToDouble(in CelValue value) => value.Kind switch
    {
        CelKind.Double => value,
        CelKind.Int => CelValue.Double(value.AsInt),
        CelKind.Uint => CelValue.Double(value.AsUint),
        CelKind.String => ParseDouble(value.AsString) is { } number ? CelValue.Double(number) : CelErrors.NoConversion(value, "double"),
        _ => CelErrors.NoConversion(value, "double"),
    };

    public static CelValue ToText(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String:
                return value;
            case CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Bool:
                return CelValue.String(CelTypes.Show(value));
            case CelKind.Timestamp:
                return CelValue.String(CelTime.FormatTimestamp(value));
            case CelKind.Duration:
                return CelValue.String(CelTime.FormatDuration(value.AsInt));
            case CelKind.Bytes:
                try
                {
                    return CelValue.String(StrictUtf8.GetString(value.AsBytes));
                }
                catch (DecoderFallbackException)
                {
                    return CelValue.Error("invalid UTF-8 in bytes, cannot convert to string");
                }

            default:
                return CelErrors.NoConversion(value, "string");
        }
    }

    public static CelValue ToBytes(in CelValue value) => value.Kind switch
    {
        CelKind.Bytes => value,
        CelKind.String => CelValue.Bytes(Encoding.UTF8.GetBytes(value.AsString)),
        _ => CelErrors.NoConversion(value, "bytes"),
    };

    public static CelValue ToBool(in CelValue value) => value.Kind switch
    {
        CelKind.Bool => value,
        CelKind.String => value.AsString switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => CelValue.True,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => CelValue.False,
            _ => CelErrors.NoConversion(value, "bool"),
        },
        _ => CelErrors.NoConversion(value, "bool"),
    };

    public static CelValue ToTimestamp(in CelValue value) => value.Kind switch
    {
        CelKind.Timestamp => value,
        CelKind.Int => CelTime.Timestamp(value.AsInt, 0),
        CelKind.String => CelTime.ParseTimestamp(value.AsString) ?? CelErrors.NoConversion(value, CelTypes.Timestamp),
        _ => CelErrors.NoConversion(value, CelTypes.Timestamp),
    };

    public static CelValue ToDuration(in CelValue value) => value.Kind switch
    {
        CelKind.Duration => value,
        CelKind.Int => CelValue.Duration(value.AsInt),
        CelKind.String => CelTime.ParseDuration(value.AsString) ?? CelErrors.NoConversion(value, CelTypes.Duration),
        _ => CelErrors.NoConversion(value, CelTypes.Duration),
    };

    public static CelValue TypeOf(in CelValue value) => CelValue.Type(CelTypes.NameOf(value.Kind));

    private static double? ParseDouble(string text)
    {
        switch (text.ToLowerInvariant())
        {
            case "inf" or "+inf" or "infinity" or "+infinity":
                return double.PositiveInfinity;
            case "-inf" or "-infinity":
                return double.NegativeInfinity;
            case "nan":
                return double.NaN;
        }

        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Plain, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }
}
