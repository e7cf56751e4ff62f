namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>What every line says of the process.</summary>
internal sealed record LogIdentity(string AppId, string Instance, string Version);
