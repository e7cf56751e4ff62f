namespace RealTimeMesh.DeltaLake;

/// <summary>Paths of tables: folders of this machine, or URIs such as <c>s3://bucket/lake/t</c>.</summary>
public static class TablePaths
{
    /// <summary>Whether a path names another store than the local file system, which <c>file:</c> URIs do not.</summary>
    public static bool IsUri(string path) =>
        path.IndexOf("://", StringComparison.Ordinal) is var at && at > 1 && !path.AsSpan(0, at).ContainsAnyExcept(s_scheme) && !path.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    /// <summary>One text for one table: absolute, without a separator at the end.</summary>
    public static string Normalize(string path) => IsUri(path) ? path.TrimEnd('/') : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>A path in a folder; one that is absolute itself stays as it is.</summary>
    public static string Combine(string folder, string path) => !IsUri(folder) ? Path.Combine(folder, path) : IsUri(path) ? path : $"{folder}/{path}";

    private static readonly System.Buffers.SearchValues<char> s_scheme = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
}
