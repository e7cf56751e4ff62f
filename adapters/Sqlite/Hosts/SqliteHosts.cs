using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sqlite;

/// <summary>
/// Which host serves which app, in a table that several processes share: the one of daprd's <c>nameresolution.sqlite</c>.
/// A host renews its row; one that has not for the update interval is not found.
/// </summary>
public sealed class SqliteHosts : IAsyncDisposable
{
    private readonly SqliteHostsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PeriodicTimer? _cleanups;
    private readonly Task _cleaning;

    private SqliteHosts(SqliteHostsOptions options, SqliteConnection connection, TimeProvider time, ILogger logger)
    {
        (_options, _connection, _time, _logger) = (options, connection, time, logger);
        _cleanups = options.Database.CleanupInterval > TimeSpan.Zero ? new PeriodicTimer(options.Database.CleanupInterval, time) : null;
        _cleaning = _cleanups is null ? Task.CompletedTask : CleanAsync(_cleanups);
    }

    private string Table => _options.Database.TableName;

    private int Seconds => (int)_options.UpdateInterval.TotalSeconds;

    /// <summary>Opens the database and brings it to its schema. Throws <see cref="SqliteStoreException"/> where that fails.</summary>
    public static async Task<SqliteHosts> OpenAsync(SqliteHostsOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var address = options.Database.Address;
        if (address.IsInMemory)
            Log.HostsInMemory(logger);
        else
            Log.HostsPath(logger, address.Uri);
        var connection = await Task.Run(() => SqliteConnections.Open(options.Database), cancellationToken);
        try
        {
            await Task.Run(() => SqliteHostsSchema.Migrate(connection, options.Database, logger), cancellationToken);
            return new SqliteHosts(options, connection, time, logger);
        }
        catch (SqliteException exception)
        {
            await connection.DisposeAsync();
            throw new SqliteStoreException($"failed to perform migrations: {exception.Message}", exception);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a host known, in place of whoever had its address, until the returned registration is disposed.</summary>
    /// <param name="appId">The app it serves.</param>
    /// <param name="address">Host and port.</param>
    /// <param name="lost">Called once where another host takes the address over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IAsyncDisposable> RegisterAsync(string appId, string address, Action lost, CancellationToken cancellationToken)
    {
        var registration = new HostRegistration(Guid.NewGuid().ToString(), appId, address, lost);
        try
        {
            await RunAsync(connection => Insert(connection, registration), cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new SqliteStoreException($"failed to register host: {exception.Message}", exception);
        }

        registration.Begin(this, _options.UpdateInterval - _options.Database.Timeout, _time);
        return registration;
    }

    /// <summary>The addresses of an app's hosts; none where nobody knows it. Throws <see cref="SqliteStoreException"/> where the database cannot be asked.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string appId, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(connection => Select(connection, appId), cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new SqliteStoreException($"failed to look up address: {exception.Message}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _cleanups?.Dispose();
        await _cleaning;
        await _connection.DisposeAsync();
        _turn.Dispose();
    }

    /// <summary>False where another host has the address now. A row that is gone is written again.</summary>
    internal async Task<bool> RenewAsync(HostRegistration registration)
    {
        try
        {
            return await RunAsync(connection => Renew(connection, registration), CancellationToken.None);
        }
        catch (Exception exception) when (exception is SqliteException or TimeoutException)
        {
            // Told each time: while it lasts, others do not find this host.
            Log.HostNotRenewed(_logger, exception.Message);
            return true;
        }
    }

    internal async Task RemoveAsync(HostRegistration registration)
    {
        try
        {
            if (await RunAsync(connection => Execute(connection, $"DELETE FROM {Table} WHERE registration_id = $id AND address = $address", ("$id", registration.Id), ("$address", registration.Address)), CancellationToken.None) == 0)
                Log.HostNotRemoved(_logger, "no row deleted");
        }
        catch (Exception exception) when (exception is SqliteException or TimeoutException)
        {
            // It expires by itself.
            Log.HostNotRemoved(_logger, exception.Message);
        }
    }

    private int Insert(SqliteConnection connection, HostRegistration registration) => Execute(
        connection,
        $"REPLACE INTO {Table} (registration_id, address, app_id, namespace, last_update) VALUES ($id, $address, $app, '', unixepoch(CURRENT_TIMESTAMP))",
        ("$id", registration.Id), ("$address", registration.Address), ("$app", registration.AppId));

    private bool Renew(SqliteConnection connection, HostRegistration registration)
    {
        if (Execute(connection, $"UPDATE {Table} SET last_update = unixepoch(CURRENT_TIMESTAMP) WHERE registration_id = $id AND address = $address", ("$id", registration.Id), ("$address", registration.Address)) > 0)
            return true;
        // The cleanup of daprd's component removes living hosts too.
        return Execute(
            connection,
            $"INSERT OR IGNORE INTO {Table} (registration_id, address, app_id, namespace, last_update) VALUES ($id, $address, $app, '', unixepoch(CURRENT_TIMESTAMP))",
            ("$id", registration.Id), ("$address", registration.Address), ("$app", registration.AppId)) > 0;
    }

    private List<string> Select(SqliteConnection connection, string appId)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT address FROM {Table} WHERE app_id = $app AND unixepoch(CURRENT_TIMESTAMP) - last_update < {Seconds} ORDER BY address";
        command.Parameters.AddWithValue("$app", appId);
        using var rows = command.ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
            found.Add(rows.GetString(0));
        return found;
    }

    private static int Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, string Value)> values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    /// <summary>One statement at a time; whoever waits longer than the timeout gives up.</summary>
    private async Task<T> RunAsync<T>(Func<SqliteConnection, T> statement, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Database.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _turn.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"the table of hosts was busy for {_options.Database.Timeout}");
        }

        try
        {
            // SQLite's own wait is bounded by busyTimeout.
            return await Task.Run(() => statement(_connection), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task CleanAsync(PeriodicTimer timer)
    {
        Log.CleanupScheduled(_logger, _options.Database.CleanupInterval);
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var removed = await RunAsync(connection => Execute(connection, $"DELETE FROM {Table} WHERE unixepoch(CURRENT_TIMESTAMP) - last_update >= {Seconds}"), CancellationToken.None);
                Log.Removed(_logger, removed);
            }
            catch (Exception exception) when (exception is SqliteException or TimeoutException)
            {
                Log.CleanupFailed(_logger, exception);
            }
        }
    }
}
