using System.Text;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tables;

/// <summary>Partition values of the log as typed SQL (PROTOCOL.md, "Partition Value Serialization").</summary>
internal static class PartitionSql
{
    /// <summary>A value's text as a value of its column. A timestamp may be ISO 8601 or without a zone, which then is UTC: the session's.</summary>
    public static string ValueOf(DeltaType type, string? text) => text is null ? ColumnSql.NullOf(type) : type.Kind switch
    {
        // A binary value stands in the log as the text whose UTF-8 form it is.
        DeltaTypeKind.Binary => Bytes(text),
        DeltaTypeKind.String => Text(text),
        _ => $"CAST({SqlText.Literal(text)} AS {ColumnSql.TypeOf(type)})",
    };

    public static string Text(string text) => text.Contains('\0', StringComparison.Ordinal) ? $"decode({Bytes(text)})" : SqlText.Literal(text);

    private static string Bytes(string text)
    {
        var sql = new StringBuilder("'");
        foreach (var value in Encoding.UTF8.GetBytes(text))
            sql.Append("\\x").Append(Convert.ToHexString([value]));
        return sql.Append("'::BLOB").ToString();
    }
}
