using System.Reflection;
using RealTimeMesh.Sidecar;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>What the executable was built from.</summary>
internal static class BuildInfo
{
    /// <summary>The Dapr version whose behaviour the runtime follows.</summary>
    public const string Version = SidecarApp.RuntimeVersion;

    /// <summary>This build: version and, where known, commit.</summary>
    public static string Build => typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static string Commit => Build.Split('+') is [_, var commit] ? commit : "unknown";

    public static string Text => $"Version: {Version}\nGit Commit: {Commit}\nGit Version: {Build}";
}
