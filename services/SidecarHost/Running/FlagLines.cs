using Microsoft.Extensions.Logging;
using RealTimeMesh.SidecarHost.Flags;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>What the log says of the flags.</summary>
internal static class FlagLines
{
    public static void Write(FlagSet flags, ILogger logger)
    {
        foreach (var flag in flags.Given)
        {
            // A flag that asks for nothing is no loss.
            var asks = flags.Text(flag.Name) != flag.Default && flags.Text(flag.Name).Length > 0;
            if (flag.LeftOut is { } part && asks)
                Log.FlagIgnored(logger, flag.Name, $"{part} {(part.EndsWith('s') && part != "Kubernetes" ? "are" : "is")}");
            else if (flag.Deprecated is { } instead)
                Log.FlagDeprecated(logger, flag.Name, instead);
        }
    }
}
