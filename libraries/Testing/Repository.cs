namespace RealTimeMesh.Testing;

/// <summary>The working copy that the running tests or benchmarks were built from.</summary>
public static class Repository
{
    private const string Mark = "RealTimeMesh.sln";

    /// <summary>Its root folder, absolute.</summary>
    public static string Root { get; } = Find();

    /// <summary>The absolute path of what lies in it.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no {Mark} above {AppContext.BaseDirectory}; run this from within the repository.");
    }
}
