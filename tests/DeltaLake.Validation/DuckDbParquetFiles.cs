using System.Globalization;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using RealTimeMesh.Testing.DeltaLogs;

namespace RealTimeMesh.DeltaLake.Validation;

/// <summary>Reads Parquet files with DuckDB. Not thread-safe.</summary>
public sealed class DuckDbParquetFiles : IParquetFiles, IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckDbParquetFiles()
    {
        _connection.Open();
        Execute("SET TimeZone = 'UTC'; SET threads = 1; SET memory_limit = '512MB'");
    }

    public IReadOnlyList<JsonObject> ReadRows(string path)
    {
        List<JsonObject> rows = [];
        using var reader = Query($"SELECT to_json(t) FROM read_parquet({Literal(path)}) t");
        while (reader.Read())
            rows.Add((JsonObject)JsonNode.Parse(reader.GetString(0))!);
        return rows;
    }

    public FileFacts Measure(string path, IReadOnlyList<ColumnBounds> columns)
    {
        var there = Columns(path);
        List<string> selected = ["count(*)"];
        foreach (var bounds in columns)
        {
            if (!there.Contains(bounds.Path[0]))
            {
                // A column that came later: all its rows are null.
                selected.AddRange(["count(*)", "0", "0"]);
                continue;
            }

            var value = string.Join('.', bounds.Path.Select(Quote));
            selected.Add($"count(*) - count({value})");
            selected.Add(bounds.Min is { } min ? $"count(*) FILTER (WHERE {Compared(value, bounds.Type)} < {Bound(min, bounds.Type)})" : "0");
            selected.Add(bounds.Max is { } max ? $"count(*) FILTER (WHERE {Compared(value, bounds.Type)} > {Upper(max, bounds.Type)})" : "0");
        }

        using var reader = Query($"SELECT {string.Join(", ", selected)} FROM read_parquet({Literal(path)}, hive_partitioning = false)");
        reader.Read();
        return new FileFacts(reader.GetInt64(0), [.. columns.Select((_, i) => new ColumnFacts(Number(reader, (i * 3) + 1), Number(reader, (i * 3) + 2), Number(reader, (i * 3) + 3)))]);
    }

    public IReadOnlyDictionary<string, long> CountTexts(string path, string column)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using var reader = Query($"SELECT coalesce({Quote(column)}, 'null'), count(*) FROM read_parquet({Literal(path)}, hive_partitioning = false) GROUP BY ALL");
        while (reader.Read())
            counts[reader.GetString(0)] = reader.GetInt64(1);
        return counts;
    }

    public void Dispose() => _connection.Dispose();

    private HashSet<string> Columns(string path)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using var reader = Query($"SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet({Literal(path)}, hive_partitioning = false))");
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }

    private static string Compared(string value, string type) => type is "binary" ? value : $"CAST({value} AS {Sql(type)})";

    private static string Bound(string text, string type) => $"CAST({Literal(text)} AS {Sql(type)})";

    /// <summary>Times are cut to milliseconds, which the protocol allows.</summary>
    private static string Upper(string text, string type) => type is "timestamp" or "timestamp_ntz" ? $"{Bound(text, type)} + INTERVAL 999 MICROSECONDS" : Bound(text, type);

    private static string Sql(string type) => type switch
    {
        "string" => "VARCHAR",
        "long" => "BIGINT",
        "integer" => "INTEGER",
        "short" => "SMALLINT",
        "byte" => "TINYINT",
        "float" => "FLOAT",
        "timestamp" => "TIMESTAMPTZ",
        "timestamp_ntz" => "TIMESTAMP",
        "binary" => "BLOB",
        _ when type.StartsWith("string", StringComparison.Ordinal) => "VARCHAR",
        _ => type,
    };

    private static long Number(System.Data.Common.DbDataReader reader, int at) => Convert.ToInt64(reader.GetValue(at), CultureInfo.InvariantCulture);

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private System.Data.Common.DbDataReader Query(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader();
    }
}
