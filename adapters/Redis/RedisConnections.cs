using StackExchange.Redis;

namespace RealTimeMesh.Redis;

/// <summary>Opens connections to the server of a component, through its sentinels where it has such.</summary>
internal static class RedisConnections
{
    /// <summary>How long a blocking read stays at the server; also how long a stop may have to wait for one that cannot be broken off.</summary>
    public static TimeSpan BlockTime { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The connection for commands that answer at once, shared by all callers.</summary>
    public static Task<ConnectionMultiplexer> ConnectAsync(RedisSettings settings, CancellationToken cancellationToken) =>
        OpenAsync(settings.Connection, cancellationToken);

    /// <summary>A connection for commands that block at the server: whatever else were sent on it would wait behind them.</summary>
    public static Task<ConnectionMultiplexer> ConnectForBlockingAsync(RedisSettings settings, CancellationToken cancellationToken)
    {
        var options = settings.Connection.Clone();
        options.AsyncTimeout = (int)Math.Min(int.MaxValue, options.AsyncTimeout + BlockTime.TotalMilliseconds);
        if (options.ServiceName is null)
            // Saves the second socket that waits for published messages.
            options.CommandMap = CommandMap.Create(["SUBSCRIBE", "PSUBSCRIBE"], available: false);
        return OpenAsync(options, cancellationToken);
    }

    /// <summary>What the server says of itself; empty where it does not let us ask.</summary>
    public static async Task<string> DescribeAsync(IDatabase database)
    {
        try
        {
            return (string?)await database.ExecuteAsync("INFO", "server") ?? "";
        }
        catch (RedisServerException)
        {
            // A server whose access rules forbid INFO is no reason not to start.
            return "";
        }
    }

    /// <summary>How many servers copy this one; 0 where it does not let us ask.</summary>
    public static async Task<int> CountReplicasAsync(IDatabase database)
    {
        const string Count = "connected_slaves:";
        try
        {
            var text = (string?)await database.ExecuteAsync("INFO", "replication") ?? "";
            var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(Count, StringComparison.Ordinal));
            return line is not null && int.TryParse(line.AsSpan(Count.Length).Trim(), out var replicas) ? replicas : 0;
        }
        catch (RedisServerException)
        {
            return 0;
        }
    }

    private static async Task<ConnectionMultiplexer> OpenAsync(ConfigurationOptions options, CancellationToken cancellationToken)
    {
        var opening = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            return await opening.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }
}
