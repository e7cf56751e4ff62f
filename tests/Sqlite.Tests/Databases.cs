using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite.Tests;

/// <summary>A folder with databases, and stores over them.</summary>
public sealed class Databases : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("sqlite-").FullName;

    public string File => Path.Combine(Folder, "state.db");

    public Task<IStateStore> StartAsync(params (string Name, string Value)[] settings) => StartAsync(TimeProvider.System, settings);

    public async Task<IStateStore> StartAsync(TimeProvider time, params (string Name, string Value)[] settings)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["connectionString"] = "file:" + File };
        foreach (var (name, value) in settings)
            metadata[name] = value;
        var spec = new ComponentSpec { Name = "a", Type = "state.sqlite", Metadata = metadata };
        var registry = new ComponentTypeRegistry([new SqliteStateType()]);
        return (IStateStore)await registry.StartAsync(spec, new ComponentContext("app", Folder, time), CancellationToken.None);
    }

    /// <summary>Runs statements as another program would, and returns the rows of the last as texts.</summary>
    public IReadOnlyList<string> Query(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return rows;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
