using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>
/// Reads Delta tables without any of the project's code: replays the JSON log by hand (the log of a test run has every
/// commit), lets DuckDB read the live files.
/// </summary>
public static class LakeReader
{
    public static string Table(string dataPath, string pipeline, string layer, string name) => Path.Combine(dataPath, "lake", pipeline, layer, name);

    /// <summary>Absolute paths of the files that make up the newest version.</summary>
    public static IReadOnlyList<string> LiveFiles(string table)
    {
        HashSet<string> live = new(StringComparer.Ordinal);
        foreach (var commit in Directory.GetFiles(Path.Combine(table, "_delta_log"), "*.json").Where(IsCommit).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(commit).Where(line => line.Length > 0))
            {
                using var action = JsonDocument.Parse(line);
                if (action.RootElement.TryGetProperty("add", out var add))
                    live.Add(add.GetProperty("path").GetString()!);
                else if (action.RootElement.TryGetProperty("remove", out var remove))
                    live.Remove(remove.GetProperty("path").GetString()!);
            }
        }

        return [.. live.Select(path => Path.Combine(table, Uri.UnescapeDataString(path)))];
    }

    /// <summary>The rows of a query, each as its values' invariant text joined by <c>|</c>, sorted.</summary>
    public static IReadOnlyList<string> Rows(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone='UTC'";
        command.ExecuteNonQuery();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "∅" : reader.GetValue(i) switch
            {
                DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
                var value => value.ToString() ?? "",
            })));
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The live files as a DuckDB table expression.</summary>
    public static string Scan(string table) => $"read_parquet([{string.Join(',', LiveFiles(table).Select(file => $"'{file.Replace("'", "''")}'"))}], union_by_name = true, hive_partitioning = false)";

    private static bool IsCommit(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.Length == 20 && name.All(char.IsAsciiDigit);
    }
}
