using Microsoft.Data.Sqlite;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>The prepared statements of the writing connection. Used by one thread.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Statement _upsert;
    private readonly Statement _first;
    private readonly Statement _update;
    private readonly Statement _delete;
    private readonly Statement _deleteVersion;

    public SqliteStatements(SqliteConnection connection, string table, TimeProvider time)
    {
        _time = time;
        _upsert = new Statement(connection, $"INSERT OR REPLACE INTO {table} (key, value, is_binary, etag, update_time, expiration_time) VALUES ($key, $value, $binary, $new, $now, $end)");
        // A row that has expired and is still there counts as none.
        _first = new Statement(connection, $"""
            INSERT OR REPLACE INTO {table} (key, value, is_binary, etag, update_time, expiration_time)
            SELECT $key, $value, $binary, $new, $now, $end
            WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE key = $key AND (expiration_time IS NULL OR expiration_time > $now))
            """);
        _update = new Statement(connection, $"""
            UPDATE {table} SET value = $value, is_binary = $binary, etag = $new, update_time = $now, expiration_time = $end
            WHERE key = $key AND etag = $etag AND (expiration_time IS NULL OR expiration_time > $now)
            """);
        _delete = new Statement(connection, $"DELETE FROM {table} WHERE key = $key");
        _deleteVersion = new Statement(connection, $"DELETE FROM {table} WHERE key = $key AND etag = $etag");
    }

    /// <summary>False where the key has another version; nothing has changed then.</summary>
    public bool Apply(StateOperation operation)
    {
        var hasVersion = !string.IsNullOrEmpty(operation.ETag);
        if (operation.Kind == StateOperationKind.Delete)
            return hasVersion ? _deleteVersion.Run(operation) > 0 : _delete.Run(operation) >= 0;
        var isFirst = operation.Concurrency == StateConcurrency.FirstWrite;
        var statement = hasVersion ? _update : isFirst ? _first : _upsert;
        return statement.Run(operation, SqliteValues.Text(operation), _time.GetUtcNow()) > 0;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _upsert, _first, _update, _delete, _deleteVersion })
            statement.Dispose();
    }

    private sealed class Statement : IDisposable
    {
        private readonly SqliteCommand _command;

        public Statement(SqliteConnection connection, string sql)
        {
            _command = connection.CreateCommand();
            _command.CommandText = sql;
            foreach (var name in new[] { "$key", "$value", "$binary", "$new", "$now", "$end", "$etag" })
            {
                if (sql.Contains(name, StringComparison.Ordinal))
                    _command.Parameters.Add(name, name == "$binary" ? SqliteType.Integer : SqliteType.Text);
            }
        }

        /// <summary>Returns how many rows have changed.</summary>
        public int Run(StateOperation operation)
        {
            var parameters = _command.Parameters;
            parameters["$key"].Value = operation.Key;
            if (parameters.Contains("$etag"))
                parameters["$etag"].Value = operation.ETag;
            return _command.ExecuteNonQuery();
        }

        public int Run(StateOperation operation, string value, DateTimeOffset now)
        {
            var parameters = _command.Parameters;
            parameters["$value"].Value = value;
            parameters["$binary"].Value = operation.IsJson ? 0 : 1;
            parameters["$new"].Value = Guid.CreateVersion7(now).ToString();
            parameters["$now"].Value = SqliteTimes.Text(now);
            parameters["$end"].Value = (object?)SqliteTimes.End(now, operation.Ttl) ?? DBNull.Value;
            return Run(operation);
        }

        public void Dispose() => _command.Dispose();
    }
}
