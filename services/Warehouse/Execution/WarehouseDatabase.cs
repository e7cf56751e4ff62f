using System.Globalization;
using DuckDB.NET.Data;
using RealTimeMesh.Warehouse.Sql;

namespace RealTimeMesh.Warehouse.Execution;

/// <summary>The one database file: opened with limits, able to read staged files and nothing else, checkpointed on close.</summary>
internal sealed class WarehouseDatabase : IDisposable
{
    private readonly WarehouseOptions _options;
    private readonly DuckDBConnection _root;
    private readonly string _connectionString;

    public WarehouseDatabase(WarehouseOptions options)
    {
        _options = options;
        Directory.CreateDirectory(options.Folder);
        var spill = Path.Combine(options.Folder, "spill");
        // What a killed run spilled is of no use to anybody.
        if (Directory.Exists(spill))
            Directory.Delete(spill, recursive: true);
        Directory.CreateDirectory(spill);
        _connectionString = string.Create(CultureInfo.InvariantCulture,
            $"DataSource={Path.Combine(Path.GetFullPath(options.Folder), "warehouse.duckdb")};memory_limit={options.MemoryLimitMiB}MiB;threads=2");
        _root = new DuckDBConnection(_connectionString);
        _root.Open();
        try
        {
            var roots = string.Join(", ", options.StageRoots.Append(options.Folder).Select(root => Text(Path.GetFullPath(root).TrimEnd('/') + "/")));
            Run(_root, $"SET temp_directory={Text(spill)}");
            Run(_root, $"CREATE SCHEMA IF NOT EXISTS {Catalog.Own}; CREATE TABLE IF NOT EXISTS {Catalog.Own}.STAGES (NAME VARCHAR PRIMARY KEY, URL VARCHAR NOT NULL); CREATE SCHEMA IF NOT EXISTS PUBLIC");
            Run(_root, $"SET allowed_directories=[{roots}]; SET enable_external_access=false");
        }
        catch
        {
            _root.Dispose();
            throw;
        }
    }

    /// <summary>Writers take turns: one request's writing statements at a time.</summary>
    public SemaphoreSlim WriteTurn { get; } = new(1);

    /// <summary>A session in UTC, with the functions of Snowflake that DuckDB has no equal for.</summary>
    public DuckDBConnection OpenSession(string? schema)
    {
        var connection = new DuckDBConnection(_connectionString);
        try
        {
            connection.Open();
            Run(connection, """
                SET TimeZone='UTC';
                CREATE OR REPLACE TEMP MACRO MD5_NUMBER_LOWER64(x) AS CAST('0x' || right(md5(x), 16) AS UBIGINT);
                CREATE OR REPLACE TEMP MACRO MD5_NUMBER_UPPER64(x) AS CAST('0x' || left(md5(x), 16) AS UBIGINT);
                CREATE OR REPLACE TEMP MACRO IFF(c, a, b) AS CASE WHEN c THEN a ELSE b END;
                CREATE OR REPLACE TEMP MACRO NVL(a, b) AS coalesce(a, b);
                CREATE OR REPLACE TEMP MACRO HEX_ENCODE(x) AS hex(x);
                CREATE OR REPLACE TEMP MACRO EQUAL_NULL(a, b) AS a IS NOT DISTINCT FROM b;
                CREATE OR REPLACE TEMP MACRO ZEROIFNULL(a) AS coalesce(a, 0);
                CREATE OR REPLACE TEMP MACRO TO_VARCHAR(a) AS CAST(a AS VARCHAR)
                """);
            if (Run(connection, $"SELECT count(*) FROM duckdb_schemas() WHERE lower(schema_name) = lower({Text(schema ?? "PUBLIC")})") == 0)
                throw new SqlFault("002043", "02000", $"Schema '{schema}' does not exist; expected an existing schema; run CREATE SCHEMA first.");
            Run(connection, $"SET schema={Text(schema ?? "PUBLIC")}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The Parquet files under a stage path. Paths that leave the stage are refused.</summary>
    public IReadOnlyList<string> StagedFiles(DuckDBConnection session, string stagePath, IReadOnlyList<string> names)
    {
        var parts = stagePath.Split('/', 2);
        var stage = parts[0].Split('.')[^1].Trim('"').ToUpperInvariant();
        using var command = session.CreateCommand();
        command.CommandText = $"SELECT URL FROM {Catalog.Own}.STAGES WHERE NAME = {Text(stage)}";
        if (command.ExecuteScalar() is not string url)
            throw new SqlFault("002003", "02000", $"SQL compilation error: Stage '{stage}' does not exist or not authorized.");
        var root = StageFolder(url);
        var path = Path.GetFullPath(Path.Combine(root, parts.Length > 1 ? parts[1] : ""));
        if (!IsBelow(path, root))
            throw new SqlFault("001003", "42000", $"stage path '{stagePath}' leaves the stage; expected a path below {url}.");
        if (names.Count > 0)
            return [.. names.Select(name => Path.GetFullPath(Path.Combine(path, name))).Select(file => IsBelow(file, root) && File.Exists(file) ? file : throw new SqlFault("091016", "22000", $"Remote file '{file}' was not found."))];
        if (File.Exists(path))
            return [path];
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>The local folder of a stage's URL, checked against the roots.</summary>
    public string StageFolder(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !uri.IsFile)
            throw SqlFault.Unsupported($"stage URL '{url}'", "a local folder: file:///absolute/path/");
        var folder = Path.GetFullPath(uri.LocalPath);
        if (!_options.StageRoots.Any(root => IsBelow(folder, root)))
            throw new SqlFault("003001", "42501", $"stage URL '{url}' is outside of {string.Join(", ", _options.StageRoots)}; add its folder to MESH_WAREHOUSE_STAGE_ROOTS.");
        return folder;
    }

    public void Dispose()
    {
        try
        {
            Run(_root, "CHECKPOINT");
        }
        finally
        {
            _root.Dispose();
            WriteTurn.Dispose();
        }
    }

    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool IsBelow(string path, string root)
    {
        var relative = Path.GetRelativePath(root, path);
        return relative == "." || (!relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative));
    }

    private static long Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value is bool ? 0 : value is string ? 0 : value, CultureInfo.InvariantCulture) : 0;
    }
}
