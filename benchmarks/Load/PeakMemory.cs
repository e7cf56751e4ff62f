using System.Globalization;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>The most memory this process had resident, native libraries included: Linux counts it, and lets it be counted anew.</summary>
internal static class PeakMemory
{
    /// <summary>Counts anew from what is resident now.</summary>
    public static void Reset() => File.WriteAllText("/proc/self/clear_refs", "5");

    /// <summary>The peak since <see cref="Reset"/>, MiB.</summary>
    public static double ReadMebibytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }
}
