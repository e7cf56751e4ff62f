using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Warehouse;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Statement {Handle} broke")]
    public static partial void StatementBroke(ILogger logger, string handle, Exception exception);
}
