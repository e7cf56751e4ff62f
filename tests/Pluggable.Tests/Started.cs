using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Pluggable.Tests;

/// <summary>Starts components through discovery, as the sidecar does, and keeps what they log.</summary>
internal sealed class Started : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];

    public ConcurrentQueue<string> LogLines { get; } = new();

    public PluggableOptions Options { get; init; } = new() { ReconnectDelay = TimeSpan.FromMilliseconds(5), MaxReconnectDelay = TimeSpan.FromMilliseconds(50) };

    public async Task<T> StartAsync<T>(PluggableComponentServer server, string category, string name = "mycomponent", TimeProvider? time = null, params (string Name, string Value)[] settings)
        where T : IAsyncDisposable
    {
        var types = await DiscoverAsync(server.Folder);
        var spec = new ComponentSpec
        {
            Name = name,
            Type = $"{category}.{server.Name}",
            Metadata = settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.OrdinalIgnoreCase),
        };
        var context = new ComponentContext("app", "", time ?? TimeProvider.System) { Logs = new Logs(LogLines) };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var component = await new ComponentTypeRegistry(types).StartAsync(spec, context, limit.Token);
        _open.Add(component);
        return (T)component;
    }

    public Task<IReadOnlyList<IComponentType>> DiscoverAsync(string folder, TimeProvider? time = null) =>
        PluggableDiscovery.DiscoverAsync(Options with { SocketsFolder = folder }, time ?? TimeProvider.System, new Logs(LogLines).CreateLogger(""), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
    }

    /// <summary>Waits until something holds, at most 60 s.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(patience.IsCancellationRequested, $"waited 60 s for {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private sealed class Logs(ConcurrentQueue<string> lines) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));
    }
}
