using System.Globalization;

namespace RealTimeMesh.Cel;

/// <summary>The names of types and how values are shown in faults.</summary>
internal static class CelTypes
{
    public const string Timestamp = "google.protobuf.Timestamp";
    public const string Duration = "google.protobuf.Duration";

    /// <summary>Names that stand for a type where no variable has them.</summary>
    public static readonly IReadOnlySet<string> Names =
        new HashSet<string>(StringComparer.Ordinal) { "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", Timestamp, Duration };

    public static string NameOf(CelKind kind) => kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Timestamp => Timestamp,
        CelKind.Duration => Duration,
        CelKind.Error => "error",
        _ => kind.ToString().ToLowerInvariant(),
    };

    public static string Show(in CelValue value) => value.Kind switch
    {
        CelKind.String or CelKind.Type or CelKind.Error => value.AsString,
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => value.AsUint.ToString(CultureInfo.InvariantCulture),
        CelKind.Double => GoFloat.Format(value.AsDouble),
        CelKind.Bool => value.IsTrue ? "true" : "false",
        _ => NameOf(value.Kind),
    };
}
