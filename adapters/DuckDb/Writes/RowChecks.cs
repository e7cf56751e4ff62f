using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Expressions;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>What must hold for every row that is written, checked in the query that writes it.</summary>
internal static class RowChecks
{
    private const string Marker = "mesh-rule:";

    /// <summary>The query, failing at the first row that breaks a rule of the table.</summary>
    public static string Apply(Snapshot target, string query) =>
        RuleSql.Guarded(query, WriteRules.For(target, TimeProvider.System.GetUtcNow()).Checks, Marker);

    /// <summary>The query, failing at the first row for which a condition is not true.</summary>
    public static string Require(string query, string condition, string message) =>
        $"SELECT * FROM ({query}) t WHERE CASE WHEN ({condition}) THEN true ELSE {Fail(message)} END";

    /// <summary>The fault of a rule that a row broke, or null.</summary>
    public static DeltaException? FaultOf(string table, DuckDbFaultException fault)
    {
        var at = fault.Message.IndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? null : new DeltaException(table, fault.Message[(at + Marker.Length)..].Trim(), fault);
    }

    /// <summary>An expression of a type whose evaluation is an error.</summary>
    public static string Fail(string message, string type = "BOOLEAN") => $"CAST(error({SqlText.Literal(Marker + message)}) AS {type})";
}
