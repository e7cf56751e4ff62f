namespace RealTimeMesh.SchemaRegistry.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("schema-registry-").FullName;

    public string Log => System.IO.Path.Combine(Path, "registry", "schemas.log");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
