using System.Globalization;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Settings of this service beyond those that all have.</summary>
internal sealed record ProcessorOptions
{
    /// <summary><c>MESH_BATCH_COUNT</c>: most events of a delivery. Default 5,000: each batch is one state transaction, so larger ones cost less for each event and more memory.</summary>
    public int BatchCount { get; init; } = 5_000;

    /// <summary><c>MESH_BATCH_WAIT_MS</c>: how long a delivery waits to fill up, milliseconds. Default 50: the floor of the latency of a quiet stream.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary><c>MESH_RESTORE_RETRY_MS</c>: pause between two attempts to read the stored positions at start, milliseconds. Default 500.</summary>
    public TimeSpan RestoreRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>MESH_FLOW_PULSE_MS</c>: how often views look for partitions without events and for results that wait to be told, milliseconds. Default 250.</summary>
    public TimeSpan FlowPulse { get; init; } = TimeSpan.FromMilliseconds(250);

    public static ProcessorOptions From(IConfiguration configuration) => new()
    {
        BatchCount = Read(configuration, "MESH_BATCH_COUNT", 5_000, 1, 100_000),
        BatchWait = TimeSpan.FromMilliseconds(Read(configuration, "MESH_BATCH_WAIT_MS", 50, 1, 60_000)),
        FlowPulse = TimeSpan.FromMilliseconds(Read(configuration, "MESH_FLOW_PULSE_MS", 250, 1, 60_000)),
        RestoreRetry = TimeSpan.FromMilliseconds(Read(configuration, "MESH_RESTORE_RETRY_MS", 500, 1, 60_000)),
    };

    private static int Read(IConfiguration configuration, string name, int fallback, int least, int most)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new ConfigurationException([new ConfigurationFault("environment", 0, name, text, $"a whole number from {least} to {most}", $"Set {name} to such a number or leave it out.")]);
    }
}
