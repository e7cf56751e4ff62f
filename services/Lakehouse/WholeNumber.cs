using System.Globalization;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Lakehouse;

/// <summary>Reads whole numbers of the environment.</summary>
internal static class WholeNumber
{
    public static int Read(IConfiguration configuration, string name, int fallback, int least, int most)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new ConfigurationException([new ConfigurationFault("environment", 0, name, text, $"a whole number from {least} to {most}", $"Set {name} to such a number or leave it out.")]);
    }
}
