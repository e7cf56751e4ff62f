namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>The ready-made tables of other engines, where they stand beside this repository.</summary>
internal static class SharedTables
{
    /// <summary>The folder of a case, or null.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "delta-tables", name);
            if (Directory.Exists(path))
                return path;
        }

        return null;
    }

    /// <summary>The table of a case; skips the test where the collection is absent.</summary>
    public static string Table(string name)
    {
        var folder = Find(name);
        Assert.SkipWhen(folder is null, "the collection of ready-made tables is not beside this repository");
        return Path.Combine(folder!, "delta");
    }

    /// <summary>A copy of a case's table that a test may change.</summary>
    public static void CopyTo(string name, string target)
    {
        var source = Table(name);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
    }
}
