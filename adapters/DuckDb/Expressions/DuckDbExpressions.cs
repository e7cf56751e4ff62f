using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Expressions;

/// <summary>
/// Resolved expressions of Spark SQL in DuckDB's SQL, with Spark's meaning: types, truncation, null rules, time zone UTC (which
/// sessions of this adapter are in). What has no counterpart is refused by name.
/// </summary>
public static class DuckDbExpressions
{
    /// <summary>The expression with columns as <c>"name"</c>, or <c>"relation"."name"</c> in a scope of several relations.</summary>
    public static string ToSql(DeltaExpression expression) => new Renderer(ColumnOf).Render(expression);

    /// <summary>The expression with columns as <paramref name="column"/> writes them; it gets the whole path.</summary>
    public static string ToSql(DeltaExpression expression, Func<ColumnReference, string> column) => new Renderer(column).Render(expression);

    /// <summary>The type that holds a column of a Delta table.</summary>
    public static string TypeOf(DeltaType type) => ColumnSql.TypeOf(type);

    /// <summary>The path of a column as nested field accesses.</summary>
    public static string ColumnOf(ColumnReference column)
    {
        var name = SqlText.Identifier(column.Path[0].Name);
        var sql = column.Relation.Length > 0 ? $"{SqlText.Identifier(column.Relation)}.{name}" : name;
        return column.Path.Skip(1).Aggregate(sql, (inner, field) => $"struct_extract({inner}, {SqlText.Literal(field.Name)})");
    }
}
