using Microsoft.Data.Sqlite;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>A connection with its prepared statements. One user at a time.</summary>
internal sealed class Session : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    public Session(string path, bool readOnly, int cacheMegabytes)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        _connection.Open();
        Run($"PRAGMA busy_timeout = 10000; PRAGMA cache_size = -{cacheMegabytes * 1024}; PRAGMA temp_store = MEMORY");
    }

    public void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null;

    public long Number(string sql, params ReadOnlySpan<object?> values) => Scalar(sql, values) is long number ? number : 0;

    /// <summary>The rows; dispose them before the statement is used again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

    /// <summary>Runs everything or nothing of an action.</summary>
    public T Transact<T>(Func<T> action)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = action();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            // Where the failure has ended the transaction already there is nothing left to take back.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
                Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Reads everything of an action as of one moment.</summary>
    public T Look<T>(Func<Session, T> action)
    {
        Execute("BEGIN");
        try
        {
            return action(this);
        }
        finally
        {
            Execute("COMMIT");
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter($"${i + 1}", null));
            _statements[sql] = command;
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
