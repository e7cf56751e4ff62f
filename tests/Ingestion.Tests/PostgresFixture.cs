using Npgsql;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>One server for the tests of a class; each test has a database of its own.</summary>
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
            _server = await PostgresServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Connection string of a new database in which the statements have been run.</summary>
    public async Task<string> DatabaseAsync(string sql)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(Server.Connection, $"CREATE DATABASE {name} TEMPLATE template0");
        var connection = Server.Connection.Replace("Database=postgres", $"Database={name}", StringComparison.Ordinal);
        await ExecuteAsync(connection, sql);
        return connection;
    }

    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create($"{connection};Pooling=false");
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }
}
