namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>A folder of files for one test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("daprd-files-").FullName;

    /// <summary>The flag that makes it a resource folder.</summary>
    public string Flag => $"--resources-path={Path}";

    /// <summary>Writes a file, in place of one of that name; tells its path.</summary>
    public string Write(string name, string text)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllText(file, text);
        return file;
    }

    public void Remove(string name) => File.Delete(System.IO.Path.Combine(Path, name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
