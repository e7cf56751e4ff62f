using Npgsql;
using RealTimeMesh.Testing;

[assembly: AssemblyFixture(typeof(RealTimeMesh.Postgres.Tests.PostgresFixture))]

namespace RealTimeMesh.Postgres.Tests;

/// <summary>One server for all tests; each test has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private int _databases;

    public PostgresServer Server
    {
        get
        {
            Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Absent is null)
            _server = await PostgresServer.StartAsync("max_slot_wal_keep_size=-1");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A new database.</summary>
    public async Task<TestDatabase> DatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using (var source = NpgsqlDataSource.Create($"{Server.Connection};Pooling=false"))
        await using (var command = source.CreateCommand($"CREATE DATABASE {name} TEMPLATE template0"))
            await command.ExecuteNonQueryAsync();
        return new TestDatabase(Server.Connection.Replace("Database=postgres", $"Database={name}", StringComparison.Ordinal), name);
    }
}
