using System.Globalization;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

/// <summary>Values of partition columns from the log's text (PROTOCOL.md, "Partition Value Serialization").</summary>
internal static class PartitionValueText
{
    /// <summary>The value as a <see cref="Literal"/> of the type holds it; false where the text is none of the type, or a binary one.</summary>
    public static bool TryParse(string text, DeltaType type, out object? value)
    {
        value = type.Kind switch
        {
            DeltaTypeKind.String => text,
            DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            DeltaTypeKind.Float => Real(text) is { } real ? (double)(float)real : null,
            DeltaTypeKind.Double => Real(text),
            DeltaTypeKind.Decimal => ExactDecimal.TryParse(text, out var exact) ? exact : null,
            DeltaTypeKind.Boolean => text.ToLowerInvariant() switch { "true" => true, "false" => false, _ => null },
            DeltaTypeKind.Date => CivilTime.TryParseDate(text, out var days) ? days : null,
            DeltaTypeKind.Timestamp or DeltaTypeKind.TimestampNtz => CivilTime.TryParseTimestamp(text, out var micros, out _) ? micros : null,
            _ => null,
        };
        return value is not null;
    }

    private static double? Real(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };
}
