using StackExchange.Redis;

namespace RealTimeMesh.Redis.Tests;

/// <summary>A redis-server process for a class of tests, where the program is installed.</summary>
public sealed class RedisServerFixture : IAsyncLifetime
{
    public const string Password = "secret";

    private RedisProcess? _process;

    /// <summary>Why there is no server; null where there is one.</summary>
    public string? Absent { get; private set; }

    public string Address => _process?.Address ?? "";

    public async ValueTask InitializeAsync() => (_process, Absent) = await RedisProcess.TryStartAsync("--requirepass", Password);

    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        Assert.SkipWhen(Absent is not null, Absent ?? "");
        return await ConnectionMultiplexer.ConnectAsync($"{Address},password={Password},allowAdmin=true");
    }

    public async Task FlushAsync()
    {
        await using var connection = await ConnectAsync();
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
