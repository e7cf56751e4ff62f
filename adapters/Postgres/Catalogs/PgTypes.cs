using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>Kinds of the built-in types by their numbers, which never change.</summary>
internal static class PgTypes
{
    public static ChangeKind KindOf(uint oid) => oid switch
    {
        16 => ChangeKind.Boolean,
        17 => ChangeKind.Bytes,
        20 or 26 => ChangeKind.Int64,
        21 => ChangeKind.Int16,
        23 => ChangeKind.Int32,
        114 or 3802 => ChangeKind.Json,
        700 => ChangeKind.Float32,
        701 => ChangeKind.Float64,
        1082 => ChangeKind.Date,
        1114 => ChangeKind.LocalTimestamp,
        1184 => ChangeKind.Timestamp,
        1700 => ChangeKind.Decimal,
        2950 => ChangeKind.Uuid,
        _ => ChangeKind.Text,
    };

    /// <summary>Precision and scale of a numeric's modifier; zeros where it has none.</summary>
    public static (int Precision, int Scale) Digits(int modifier) =>
        // The scale is a signed number of 11 bits.
        modifier < 4 ? (0, 0) : ((modifier - 4) >> 16 & 0xffff, (((modifier - 4) & 0x7ff) ^ 1024) - 1024);
}
