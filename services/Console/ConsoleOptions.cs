using System.Globalization;
using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Console;

/// <summary>How the console watches the mesh and whom it lets in.</summary>
public sealed record ConsoleOptions
{
    /// <summary><c>MESH_CONSOLE_POLL_MS</c>: time between two looks at a service. Default 1 s; a snapshot is made as often.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>MESH_CONSOLE_TIMEOUT_MS</c>: how long a service may take to answer before it counts as not answering. Default 3 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary><c>MESH_CONSOLE_SETTLE_MS</c>: for how long no counter may move before a difference in the ledger is called a loss and no longer "in flight". Default 15 s.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary><c>MESH_CONSOLE_BROWSERS</c>: most live connections at once; further ones get 503. Default 100.</summary>
    public int MaxLiveConnections { get; init; } = 100;

    /// <summary><c>MESH_CONSOLE_TOKEN</c>: what a browser must bring; required where the console listens beyond loopback.</summary>
    public string? Token { get; init; }

    /// <summary><c>MESH_CONSOLE_ACTIONS</c>: <c>on</c> or <c>off</c>: whether tables can be restored and maintained from here. Default: on where the console listens on this machine only, else off.</summary>
    public bool? Actions { get; init; }

    /// <summary><c>MESH_CONSOLE_LONG_TIMEOUT_MS</c>: how long a service may take to say what a change would do, or be silent during a search: it may look at a whole folder or log for it. Default 60 s.</summary>
    public TimeSpan ActionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>MESH_ADMIN_TOKEN</c>: what the lakehouse asks of whoever changes a table.</summary>
    public string? AdminToken { get; init; }

    /// <summary>How far back the throughput curve goes. Fixed: one point a second, ten minutes.</summary>
    public static int HistoryPoints => 600;

    internal static ConsoleOptions From(IConfiguration configuration)
    {
        var defaults = new ConsoleOptions();
        return defaults with
        {
            PollInterval = Milliseconds(configuration, "MESH_CONSOLE_POLL_MS", defaults.PollInterval),
            Timeout = Milliseconds(configuration, "MESH_CONSOLE_TIMEOUT_MS", defaults.Timeout),
            ActionTimeout = Milliseconds(configuration, "MESH_CONSOLE_LONG_TIMEOUT_MS", defaults.ActionTimeout),
            Settle = Milliseconds(configuration, "MESH_CONSOLE_SETTLE_MS", defaults.Settle),
            MaxLiveConnections = (int)Number(configuration, "MESH_CONSOLE_BROWSERS", defaults.MaxLiveConnections),
            Actions = configuration["MESH_CONSOLE_ACTIONS"] switch
            {
                null or "" => null,
                "on" => true,
                "off" => false,
                var other => throw new ConfigurationException([new ConfigurationFault("settings", 0, "MESH_CONSOLE_ACTIONS", $"'{other}'", "on or off", "Correct it, or leave it out for the default.")]),
            },
            AdminToken = configuration["MESH_ADMIN_TOKEN"] is { Length: > 0 } admin ? admin : null,
            Token = configuration["MESH_CONSOLE_TOKEN"] is { Length: > 0 } token ? token : null,
        };
    }

    private static TimeSpan Milliseconds(IConfiguration configuration, string name, TimeSpan fallback) =>
        TimeSpan.FromMilliseconds(Number(configuration, name, (long)fallback.TotalMilliseconds));

    private static long Number(IConfiguration configuration, string name, long fallback)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return fallback;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 3_600_000)
            return value;
        throw new ConfigurationException([new ConfigurationFault("settings", 0, name, $"'{text}'", "a whole number from 1 to 3600000", "Correct it, or leave it out for the default.")]);
    }
}
