namespace RealTimeMesh.Warehouse.Sql;

/// <summary>Answers to SHOW and DESCRIBE from DuckDB's catalogue, with Snowflake's column names.</summary>
internal static class Catalog
{
    /// <summary>Schema of this warehouse's own records; not shown.</summary>
    public const string Own = "_WAREHOUSE";

    public static string ShowTables(string? schema, string? like) =>
        $"""
        SELECT table_name AS "name", 'MESH' AS "database_name", schema_name AS "schema_name", 'TABLE' AS "kind", estimated_size AS "rows"
        FROM duckdb_tables() WHERE schema_name <> '{Own}' AND NOT internal {And("schema_name", "=", schema)} {And("table_name", "ILIKE", like)} ORDER BY 3, 1
        """;

    public static string ShowSchemas(string? like) =>
        $"""
        SELECT DISTINCT schema_name AS "name", 'MESH' AS "database_name" FROM duckdb_schemas()
        WHERE database_name = current_database() AND schema_name NOT IN ('{Own}', 'information_schema', 'pg_catalog') {And("schema_name", "ILIKE", like)} ORDER BY 1
        """;

    public static string ShowStages(string? like) =>
        $"""SELECT NAME AS "name", URL AS "url" FROM {Own}.STAGES WHERE true {And("NAME", "ILIKE", like)} ORDER BY 1""";

    public static string Describe(string table) =>
        $"""
        SELECT column_name AS "name", column_type AS "type", 'COLUMN' AS "kind", "null" AS "null?", "default" AS "default" FROM (DESCRIBE {table})
        """;

    private static string And(string column, string comparison, string? value) =>
        value is null ? "" : $"AND {column} {comparison} '{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
