using System.Text;
using System.Text.Json;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests.Files;

/// <summary>A temporary folder and one run over a file in it.</summary>
public abstract class FileTestBase : IDisposable
{
    private protected const string DeadLetters = "test.visits.dlq";

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("file-tests-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected string At(string name) => Path.Combine(Folder, name);

    private protected SourceDefinition File(string name, byte[] bytes, CsvLayout? csv = null, FileFaultPolicy onError = FileFaultPolicy.Stop)
    {
        System.IO.File.WriteAllBytes(At(name), bytes);
        return new SourceDefinition { Name = "in", File = At(name), Format = FileFormats.Of(name), Csv = csv ?? CsvLayout.Default, OnError = onError };
    }

    private protected SourceDefinition File(string name, string text, CsvLayout? csv = null) => File(name, Encoding.UTF8.GetBytes(text), csv);

    /// <summary>Reads a file to its end or its first fault; what it says of itself then.</summary>
    private protected static async Task<JsonElement> RunAsync(SourceDefinition source, MemoryLog log, MemoryRecords? records = null, string[]? args = null)
    {
        await using var app = await TestIngestion.StartAsync(Samples.Stream(source), log, records, args);
        return await app.SettledSourceAsync();
    }
}
