using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Garnet;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Garnet's folder '{folder}': its append-only file ended in a commit that was being written; blanked from address {address} on, nothing acknowledged is lost")]
    public static partial void TailMended(ILogger logger, string folder, long address);
}
