using Microsoft.Extensions.Configuration;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>Settings of the maintenance.</summary>
internal sealed record MaintenanceOptions
{
    /// <summary><c>MESH_MAINTENANCE</c>: <c>on</c> (default) or <c>off</c>; requests by hand work either way.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary><c>MESH_MAINTENANCE_EVERY_S</c>: how often the tables are looked at, seconds. Default 300. The first look is that long after the start.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>MESH_MAINTENANCE_MIN_FREE_MIB</c>: free disk space that must stay after files were put together, MiB. Default 2,048.</summary>
    public long MinFreeMiB { get; init; } = 2_048;

    /// <summary><c>MESH_MAINTENANCE_MEMORY_MIB</c>: memory for putting files together, MiB. Default 256; beyond it DuckDB spills to the data folder.</summary>
    public int MemoryMiB { get; init; } = 256;

    /// <summary>How long a task that failed on a table rests there.</summary>
    public TimeSpan RestAfterFailure { get; init; } = TimeSpan.FromMinutes(15);

    public IReadOnlyDictionary<TableClass, MaintenancePolicy> Policies { get; init; } = Defaults();

    public static MaintenanceOptions From(IConfiguration configuration) => new()
    {
        IsOn = IsOnIn(configuration),
        Every = TimeSpan.FromSeconds(WholeNumber.Read(configuration, "MESH_MAINTENANCE_EVERY_S", 300, 1, 86_400)),
        MinFreeMiB = WholeNumber.Read(configuration, "MESH_MAINTENANCE_MIN_FREE_MIB", 2_048, 0, int.MaxValue),
        MemoryMiB = WholeNumber.Read(configuration, "MESH_MAINTENANCE_MEMORY_MIB", 256, 32, 1_000_000),
        Policies = Defaults().ToDictionary(item => item.Key, item => Policy(configuration, $"MESH_MAINTENANCE_{item.Key.ToString().ToUpperInvariant()}_", item.Value)),
    };

    private static Dictionary<TableClass, MaintenancePolicy> Defaults() => new()
    {
        [TableClass.Bronze] = new MaintenancePolicy { OptimizeFiles = 32, Quiet = TimeSpan.Zero },
        [TableClass.Silver] = new MaintenancePolicy(),
        [TableClass.Gold] = new MaintenancePolicy(),
    };

    private static MaintenancePolicy Policy(IConfiguration configuration, string prefix, MaintenancePolicy fallback) => new()
    {
        CheckpointCommits = WholeNumber.Read(configuration, prefix + "CHECKPOINT_COMMITS", fallback.CheckpointCommits, 0, 1_000_000),
        OptimizeFiles = WholeNumber.Read(configuration, prefix + "OPTIMIZE_FILES", fallback.OptimizeFiles, 0, 1_000_000),
        TargetMiB = WholeNumber.Read(configuration, prefix + "TARGET_MIB", fallback.TargetMiB, 1, 16_384),
        Quiet = TimeSpan.FromSeconds(WholeNumber.Read(configuration, prefix + "QUIET_S", (int)fallback.Quiet.TotalSeconds, 0, 86_400)),
        VacuumEvery = TimeSpan.FromHours(WholeNumber.Read(configuration, prefix + "VACUUM_HOURS", (int)fallback.VacuumEvery.TotalHours, 0, 8_760)),
    };

    private static bool IsOnIn(IConfiguration configuration) => configuration["MESH_MAINTENANCE"] switch
    {
        null or "" or "on" => true,
        "off" => false,
        var other => throw new ConfigurationException([new ConfigurationFault("environment", 0, "MESH_MAINTENANCE", other, "on or off", "Set MESH_MAINTENANCE to one of them or leave it out.")]),
    };
}
