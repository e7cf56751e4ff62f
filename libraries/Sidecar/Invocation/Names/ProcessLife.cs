namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>Whether the process that wrote an entry still runs.</summary>
internal static class ProcessLife
{
    /// <summary>Process ids mean something only within one space of them (a container has its own).</summary>
    public static string OwnSpace { get; } = OperatingSystem.IsLinux() ? File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name ?? "" : "";

    /// <summary>True where nothing tells that it has ended.</summary>
    public static bool IsAlive(NameEntry entry) =>
        entry.ProcessSpace.Length == 0 || entry.ProcessSpace != OwnSpace || Directory.Exists($"/proc/{entry.ProcessId}");
}
