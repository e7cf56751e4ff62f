using Microsoft.Extensions.Logging;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>
/// Logs of one category in daprd's form. Values that the message's template does not name become fields of the line; an exception's
/// text follows the message.
/// </summary>
internal sealed class DaprdLogger(string scope, LogLevel least, LogWriter writer, TimeProvider time) : ILogger
{
    private const string Template = "{OriginalFormat}";

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var message = formatter(state, exception);
        if (exception is not null)
            message = $"{message}: {(least <= LogLevel.Debug ? exception.ToString() : exception.Message)}";
        writer.Write(new LogLine(time.GetLocalNow(), LogLevels.Name(logLevel), scope, message, Fields(state)));
    }

    private static IReadOnlyList<KeyValuePair<string, object?>> Fields<TState>(TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values || values.Count <= 1)
            return [];
        var template = "";
        foreach (var (name, value) in values)
        {
            if (name == Template)
                template = value as string ?? "";
        }

        List<KeyValuePair<string, object?>>? fields = null;
        foreach (var pair in values)
        {
            if (pair.Key != Template && !template.Contains("{" + pair.Key, StringComparison.OrdinalIgnoreCase))
                (fields ??= []).Add(pair);
        }

        return fields is null ? [] : fields;
    }
}
