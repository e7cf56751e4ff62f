using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka.Tests;

internal static class Brokers
{
    /// <summary>A component over a cluster; groups begin at the oldest message. The mock cluster takes a session for each rebalance: it is short.</summary>
    public static Task<IPubSubBroker> StartAsync(MockCluster cluster, TimeProvider? time = null, params (string Name, string Value)[] settings) =>
        StartAsync(cluster, new OutputLogs(), time, settings);

    public static Task<IPubSubBroker> StartAsync(MockCluster cluster, OutputLogs logs, TimeProvider? time = null, params (string Name, string Value)[] settings) =>
        StartAsync(cluster.Bootstraps, logs, time, settings);

    public static async Task<IPubSubBroker> StartAsync(string bootstraps, OutputLogs logs, TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var spec = Spec([("brokers", bootstraps), ("authType", "none"), ("initialOffset", "oldest"), ("sessionTimeout", "2s"), ("heartbeatInterval", "300ms"), .. settings]);
        return (IPubSubBroker)await new ComponentTypeRegistry([new KafkaPubSubType()]).StartAsync(spec, new ComponentContext("app", "", time ?? TimeProvider.System) { Logs = logs }, CancellationToken.None);
    }

    public static ComponentSpec Spec(params (string Name, string Value)[] settings)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings)
        {
            metadata[name] = value;
            lines[name] = 10 + lines.Count;
        }

        return new ComponentSpec { Name = "pubsub", Type = "pubsub.kafka", Metadata = metadata, MetadataLines = lines, File = "pubsub.yaml", Line = 1 };
    }

    /// <summary>Polls until something holds, at most 30 s.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(patience.IsCancellationRequested, $"waited 30 s in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}

/// <summary>Writes what the component logs to the running test's output.</summary>
internal sealed class OutputLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<int> _events = [];

    /// <summary>How often an event was logged.</summary>
    public int Count(int id) => _events.Count(logged => logged == id);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _events.Enqueue(eventId.Id);
        TestContext.Current.TestOutputHelper?.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception?.Message}");
    }

    public void Dispose()
    {
    }
}
