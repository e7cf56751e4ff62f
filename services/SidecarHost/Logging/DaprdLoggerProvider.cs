using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>Makes loggers that write in daprd's form. Lives as long as the process, over several runs of the runtime.</summary>
internal sealed class DaprdLoggerProvider(LogLevel least, LogWriter writer, TimeProvider time) : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, Create);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the log of this process has one form; found a second provider");

    public void Dispose()
    {
        // The writer belongs to the process: a run that ends leaves it open.
    }

    private DaprdLogger Create(string category)
    {
        // The web server's own narration is no part of daprd's log.
        var level = category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("Grpc.", StringComparison.Ordinal) ? Max(least, LogLevel.Warning) : least;
        return new DaprdLogger(LogScopes.Of(category), level, writer, time);
    }

    private static LogLevel Max(LogLevel one, LogLevel other) => one > other ? one : other;
}
