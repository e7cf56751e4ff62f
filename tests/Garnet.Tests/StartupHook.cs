using RealTimeMesh.Garnet.Tests;

/// <summary>What the runtime calls in a process that was started as a victim; it expects this name without a namespace.</summary>
internal static class StartupHook
{
    public static void Initialize() => GarnetVictim.Run();
}
