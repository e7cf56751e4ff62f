using System.Runtime.InteropServices;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>
/// A shell without job control starts background processes with SIGINT ignored, and the runtime leaves ignored signals ignored.
/// A sidecar is meant to stop on it all the same, as daprd does.
/// </summary>
internal static partial class SignalDefaults
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    /// <summary>Gives the signals this process handles their default action. Before a handler is set.</summary>
    public static void Restore()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var signal in (int[])[Hangup, Interrupt, Terminate])
            Native.Signal(signal, nint.Zero);
    }

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "signal")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial nint Signal(int signal, nint handler);
    }
}
