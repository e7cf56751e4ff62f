using Microsoft.Data.Sqlite;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>Reads values over one connection, by one caller at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly bool _ownsConnection;
    private readonly SqliteCommand _get;
    private readonly SqliteParameter _key;
    private readonly SqliteParameter _now;
    private readonly string _table;

    public SqliteReader(SqliteConnection connection, string table, bool ownsConnection)
    {
        (_connection, _table, _ownsConnection) = (connection, table, ownsConnection);
        _get = connection.CreateCommand();
        _get.CommandText = $"SELECT value, is_binary, etag, expiration_time FROM {table} WHERE key = $key AND (expiration_time IS NULL OR expiration_time > $now)";
        _key = _get.Parameters.Add("$key", SqliteType.Text);
        _now = _get.Parameters.Add("$now", SqliteType.Text);
    }

    public StateItem? Get(string key, DateTimeOffset now)
    {
        _now.Value = SqliteTimes.Text(now);
        return Get(key);
    }

    /// <summary>Many values as they are at one moment.</summary>
    public StateItem?[] Get(IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var items = new StateItem?[keys.Count];
        _now.Value = SqliteTimes.Text(now);
        using var transaction = _connection.BeginTransaction(deferred: true);
        _get.Transaction = transaction;
        try
        {
            for (var i = 0; i < items.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                items[i] = Get(keys[i]);
            }

            return items;
        }
        finally
        {
            _get.Transaction = null;
        }
    }

    /// <summary>In the order of the table; the token is the row of the page's last key.</summary>
    public StateKeysPage KeysLike(StateKeysQuery query, long after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $@"SELECT key, rowid FROM {_table} WHERE key LIKE $pattern ESCAPE '\' AND (expiration_time IS NULL OR expiration_time > $now) AND rowid > $after ORDER BY rowid LIMIT $limit";
        command.Parameters.AddWithValue("$pattern", query.Pattern);
        command.Parameters.AddWithValue("$now", SqliteTimes.Text(now));
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", query.PageSize ?? -1);
        var keys = new List<string>();
        long last = 0;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            keys.Add(rows.GetString(0));
            last = rows.GetInt64(1);
        }

        return new StateKeysPage(keys, keys.Count > 0 && keys.Count == query.PageSize ? $"{last}" : null);
    }

    public void Dispose()
    {
        _get.Dispose();
        if (_ownsConnection)
            _connection.Dispose();
    }

    private StateItem? Get(string key)
    {
        _key.Value = key;
        using var row = _get.ExecuteReader();
        if (!row.Read())
            return null;
        var value = row.GetFieldValue<byte[]>(0);
        return new StateItem(
            row.GetBoolean(1) ? SqliteValues.FromBase64(key, value) : value,
            row.GetString(2),
            row.IsDBNull(3) ? null : SqliteTimes.Parse(row.GetString(3)));
    }
}
