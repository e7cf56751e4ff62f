using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>Casts where DuckDB's differ from Spark's: fractions are cut and not rounded, texts of whole numbers have no fraction.</summary>
internal static class CastSql
{
    public static string Of(Cast cast, string operand)
    {
        var (from, to) = (cast.Operand.Type!, cast.Target);
        if (from == to)
            return operand;
        var target = DuckDbExpressions.TypeOf(to);
        var verb = cast.Try ? "TRY_CAST" : "CAST";
        if (IsWhole(to))
        {
            switch (from.Kind)
            {
                case DeltaTypeKind.Float or DeltaTypeKind.Double or DeltaTypeKind.Decimal:
                    return $"{verb}(trunc({operand}) AS {target})";
                case DeltaTypeKind.String:
                    return Checked(cast, operand, $"regexp_matches({operand}, '^\\s*[+-]?[0-9]+\\s*$')", $"{verb}(trim({operand}) AS {target})");
                case DeltaTypeKind.Timestamp:
                    return $"{verb}({FunctionSql.FloorMicros(operand, 1_000_000)} AS {target})";
            }
        }

        return (from.Kind, to.Kind) switch
        {
            (DeltaTypeKind.String, DeltaTypeKind.Binary) => $"encode({operand})",
            (DeltaTypeKind.Binary, DeltaTypeKind.String) => $"decode({operand})",
            (DeltaTypeKind.Timestamp, DeltaTypeKind.String) => $"CAST(CAST({operand} AS TIMESTAMP) AS VARCHAR)",
            (DeltaTypeKind.Timestamp, DeltaTypeKind.Double) => $"(epoch_us({operand}) / 1000000.0::DOUBLE)",
            (DeltaTypeKind.String, DeltaTypeKind.Boolean) => Checked(cast, operand, $"lower(trim({operand})) IN ('t', 'true', 'y', 'yes', '1', 'f', 'false', 'n', 'no', '0')", $"(lower(trim({operand})) IN ('t', 'true', 'y', 'yes', '1'))"),
            (_, DeltaTypeKind.Timestamp) when IsWhole(from) => $"CAST(make_timestamp(CAST({operand} AS BIGINT) * 1000000) AS TIMESTAMPTZ)",
            (DeltaTypeKind.Float or DeltaTypeKind.Double, DeltaTypeKind.Timestamp) => $"CAST(make_timestamp(CAST(trunc({operand} * 1000000) AS BIGINT)) AS TIMESTAMPTZ)",
            _ => $"{verb}({operand} AS {target})",
        };
    }

    private static string Checked(Cast cast, string operand, string condition, string value) => cast.Try
        ? $"CASE WHEN {condition} THEN {value} END"
        : $"CASE WHEN {operand} IS NULL OR {condition} THEN {value} ELSE error('''' || {operand} || ''' is no {cast.Target}') END";

    private static bool IsWhole(DeltaType type) => type.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long;
}
