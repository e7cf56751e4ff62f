namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>A command line that cannot be followed.</summary>
internal sealed class FlagException(string message) : Exception(message);
