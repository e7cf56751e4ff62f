using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.RocksDb;

/// <summary>The open logs by folder: opened by the first component that names the folder, closed with the last.</summary>
internal sealed class RocksDbLogs
{
    private static readonly PubSubCapabilities LogCapabilities = new() { Durable = true, Offsets = true };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shared> _open = new(StringComparer.Ordinal);

    public LogBroker Open(RocksDbLogOptions options, TimeProvider time, ILoggerFactory logs)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(options.Path, out var shared))
            {
                var logger = logs.CreateLogger("RealTimeMesh.RocksDb");
                var log = new RocksDbLog(options, time, logger);
                shared = new Shared(options, log, new ConsumerGroups(log, time, logger));
                _open.Add(options.Path, shared);
            }
            else if (shared.Options != options)
            {
                throw new BrokerException($"log '{options.Path}': found a second component with other settings ({options}); expected those of the first ({shared.Options}); give components that share a path the same settings.");
            }

            shared.Users++;
            return new LogBroker(shared.Log, shared.Groups, LogCapabilities, () => Release(shared));
        }
    }

    private ValueTask Release(Shared shared)
    {
        // Closed inside the lock: a component that opens the same folder now waits until it is free.
        lock (_gate)
        {
            if (--shared.Users == 0)
            {
                _open.Remove(shared.Options.Path);
                shared.Log.Dispose();
            }
        }

        return default;
    }

    private sealed class Shared(RocksDbLogOptions options, RocksDbLog log, ConsumerGroups groups)
    {
        public RocksDbLogOptions Options { get; } = options;

        public RocksDbLog Log { get; } = log;

        public ConsumerGroups Groups { get; } = groups;

        public int Users { get; set; }
    }
}
