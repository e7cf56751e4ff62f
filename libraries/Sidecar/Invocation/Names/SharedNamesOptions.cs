namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>Settings of <see cref="SharedNames"/>.</summary>
public sealed record SharedNamesOptions
{
    /// <summary>The shared folder. By default the same for all processes of a user, whatever their environment variables say.</summary>
    public string Folder { get; init; } = DefaultFolder();

    /// <summary>How long a sidecar is found after it last said that it lives. It says so three times as often.</summary>
    public TimeSpan Expiry { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Not under a variable such as TMPDIR: sidecars with different environments are to find each other.</summary>
    private static string DefaultFolder() => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "RealTimeMesh", "names")
        : $"/tmp/realtimemesh-names-{Uri.EscapeDataString(Environment.UserName)}";
}
