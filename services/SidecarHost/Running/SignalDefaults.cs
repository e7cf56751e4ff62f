using System.Globalization;
using System.Runtime.InteropServices;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>
/// A shell without job control starts background processes with SIGINT ignored, and the runtime leaves ignored signals ignored.
/// A sidecar is meant to stop on it all the same, as daprd does.
/// </summary>
internal static partial class SignalDefaults
{
    private const string Status = "/proc/self/status";
    private const string IgnoredField = "SigIgn:";

    // SIGHUP, SIGINT, SIGTERM
    private static readonly int[] Handled = [1, 2, 15];

    /// <summary>Gives signals that this process handles their default action where they are ignored. Before anything else: the runtime looks once.</summary>
    public static void Restore()
    {
        if (!OperatingSystem.IsLinux() || Ignored() is not (var ignored and not 0))
            return;
        foreach (var signal in Handled)
        {
            if ((ignored & (1UL << (signal - 1))) != 0)
                Native.Signal(signal, nint.Zero);
        }
    }

    /// <summary>The mask of ignored signals; none where the system does not tell.</summary>
    private static ulong Ignored()
    {
        if (!File.Exists(Status))
            return 0;
        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(IgnoredField, StringComparison.Ordinal));
        return ulong.TryParse(line.AsSpan(line is null ? 0 : IgnoredField.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask) ? mask : 0;
    }

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "signal")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial nint Signal(int signal, nint handler);
    }
}
