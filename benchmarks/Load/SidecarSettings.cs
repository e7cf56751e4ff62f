namespace RealTimeMesh.Benchmarks.Load;

/// <summary>How long the scenarios of the sidecar measure, and what.</summary>
internal sealed record SidecarSettings
{
    /// <summary>Default of <see cref="Measured"/>: 10,000 operations at 1,000/s, so that p99.9 stands on ten of them.</summary>
    public const double DefaultSeconds = 10;

    public const double DefaultMinutes = 10;

    /// <summary>Measured part of each step.</summary>
    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(DefaultSeconds);

    /// <summary>Runs before the measured part and does not count: code is compiled in tiers.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(DefaultMinutes);

    /// <summary><c>MESH_SIDECAR</c>, else what <c>dotnet publish</c> left in <c>artifacts/meshd</c>.</summary>
    public static string Executable()
    {
        var executable = Environment.GetEnvironmentVariable("MESH_SIDECAR") is { Length: > 0 } named ? named : Path.Combine("artifacts", "meshd", "meshd");
        return File.Exists(executable)
            ? Path.GetFullPath(executable)
            : throw new FileNotFoundException($"no sidecar at {executable}; publish one with: dotnet publish services/SidecarHost -c Release -r linux-x64 --self-contained -o artifacts/meshd");
    }
}
