using System.Globalization;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>What a service's runtime says of itself on <c>/metrics</c>. The difference of two is what happened in between.</summary>
internal readonly record struct RuntimeUse(double AllocatedBytes, double CompilingSeconds, double PauseSeconds, double CommittedBytes, double HeldBytes)
{
    public static RuntimeUse Parse(string metrics)
    {
        return new RuntimeUse(
            Sum("dotnet_gc_heap_total_allocated_bytes"), Sum("dotnet_jit_compilation_time_seconds"), Sum("dotnet_gc_pause_time_seconds"), Sum("dotnet_gc_last_collection_memory_committed_size_bytes"), Sum("mesh_ingestion_memory_held_bytes"));

        double Sum(string name) => metrics.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => Value(line, name.Length));

        // NAME{LABELS} VALUE TIME, where labels and time may be missing.
        static double Value(string line, int name) =>
            double.Parse(line[(Math.Max(line.LastIndexOf('}') + 1, name))..].Split(' ', StringSplitOptions.RemoveEmptyEntries).First(part => char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture);
    }

    public static RuntimeUse operator -(RuntimeUse after, RuntimeUse before) => after with
    {
        AllocatedBytes = after.AllocatedBytes - before.AllocatedBytes,
        CompilingSeconds = after.CompilingSeconds - before.CompilingSeconds,
        PauseSeconds = after.PauseSeconds - before.PauseSeconds,
    };
}
