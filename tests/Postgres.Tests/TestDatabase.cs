using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>A database and what is read of its changes.</summary>
public sealed class TestDatabase(string connection, string name) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create($"{connection};Pooling=false");

    public string Connection => connection;

    public string Slot => $"slot_{name}";

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        command.CommandTimeout = 300;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public ChangeSettings Settings(params string[] tables) => new()
    {
        Connector = "postgres",
        Connection = new ConnectionSecret { Text = connection },
        Tables = tables,
        Slot = Slot,
        Publication = $"pub_{name}",
        Heartbeat = TimeSpan.FromMilliseconds(200),
    };

    public async Task<FeedReader> OpenAsync(ChangeSettings settings, ChangePosition? position = null, params string[] columns) =>
        new(await new PostgresConnector(TimeProvider.System).OpenAsync(settings, connection, position, columns.Length == 0 ? AnyColumn.Set : columns.ToHashSet(), CancellationToken.None));

    /// <summary>Opens as soon as the server has freed the slot of an earlier reader.</summary>
    public async Task<FeedReader> ReopenAsync(ChangeSettings settings, ChangePosition? position)
    {
        await WaitForAsync("SELECT count(*) = 0 FROM pg_replication_slots WHERE active AND slot_name = '" + settings.Slot + "'");
        return await OpenAsync(settings, position);
    }

    public async Task WaitForAsync(string condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await ScalarAsync<bool>(condition))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"not within 60 s: {condition}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
