using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// How long the published sidecar takes from its start to <c>/v1.0/healthz</c> 204, and how much memory it holds when idle.
/// The executable is <c>MESH_SIDECAR</c>, else <c>artifacts/meshd/meshd</c>; a real daprd may be named for comparison.
/// </summary>
internal sealed class SidecarStart : IScenario
{
    private const int Starts = 10;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public string Name => "sidecar-start";

    public string Description => "milliseconds from the start of a sidecar to its readiness, and its memory when idle";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var starts = new List<Start>();
        // The first start reads the files from the disk; it warms up and does not count.
        for (var i = 0; i <= Starts; i++)
        {
            var start = await MeasureAsync(cancellationToken);
            if (i > 0)
                starts.Add(start);
        }

        var ready = starts.Select(start => start.Ready.TotalMilliseconds).Order().ToList();
        return new BenchmarkReport(
            Name,
            new Dictionary<string, double>
            {
                ["ready_p50_ms"] = ready[Starts / 2],
                ["ready_max_ms"] = ready[^1],
                ["cpu_until_ready_ms"] = starts.Average(start => start.Cpu.TotalMilliseconds),
                ["idle_memory_mb"] = starts.Max(start => start.IdleBytes) / 1e6,
            },
            $"{SidecarSettings.Executable()}; {Starts} starts without an app and components, after one to warm up; memory is the resident set {Idle.TotalSeconds} s after readiness, the highest of all.");
    }

    private static async Task<Start> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var sidecar = await SidecarProcess.StartBareAsync(cancellationToken);
        var processors = sidecar.Usage.Processors;
        await Task.Delay(Idle, TimeProvider.System, cancellationToken);
        return new Start(sidecar.ReadyAfter, processors, sidecar.Usage.ResidentBytes);
    }

    private readonly record struct Start(TimeSpan Ready, TimeSpan Cpu, long IdleBytes);
}
