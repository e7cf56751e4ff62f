using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>The contracts of a path: those of a folder of pipelines, of a folder of schema files, or one file.</summary>
internal sealed record ContractFolder(string Path, IReadOnlyList<ContractFile> Contracts, IReadOnlyList<PipelineDefinition> Pipelines)
{
    public static ContractFolder Read(string? path)
    {
        var full = System.IO.Path.GetFullPath(path ?? FindPipelines());
        if (File.Exists(full))
            return new ContractFolder(System.IO.Path.GetDirectoryName(full)!, [OfFile(System.IO.Path.GetDirectoryName(full)!, full)], []);

        if (!Directory.Exists(full))
            throw new ContractException($"{path}: found nothing; expected a folder of pipelines, a folder of schema files or a schema file. Correct the path.");

        if (File.Exists(System.IO.Path.Combine(full, PipelineLoader.FileName)))
            return OfPipelines(System.IO.Path.GetDirectoryName(full)!, [System.IO.Path.GetFileName(full)]);

        return Directory.EnumerateDirectories(full).Any(folder => File.Exists(System.IO.Path.Combine(folder, PipelineLoader.FileName)))
            ? OfPipelines(full, [])
            : OfFiles(full);
    }

    private static ContractFolder OfPipelines(string path, IReadOnlyList<string> names)
    {
        var loaded = PipelineLoader.Load(path, names);
        if (loaded.Faults.Count > 0)
            throw new ConfigurationException(loaded.Faults);

        return new ContractFolder(
            path,
            [
                .. loaded.Pipelines.SelectMany(pipeline => pipeline.Streams)
                    .Select(stream => new ContractFile(stream.Topic, stream.ContractFile, stream.Contract.Json, "AVRO", stream.Subject) { Metadata = stream.Metadata }),
            ],
            loaded.Pipelines);
    }

    private static ContractFolder OfFiles(string path)
    {
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => ContractFile.LanguageOf(file) is not null).Order(StringComparer.Ordinal);
        var contracts = files.Select(file => OfFile(path, file)).ToList();
        return contracts.Count > 0
            ? new ContractFolder(path, contracts, [])
            : throw new ContractException($"{path}: found no pipeline and no schema file; expected .avsc, .proto or .json files, or folders with a {PipelineLoader.FileName}. Correct the path.");
    }

    private static ContractFile OfFile(string root, string file)
    {
        var language = ContractFile.LanguageOf(file) ?? throw new ContractException($"{file}: found no schema by its name; expected .avsc, .proto or .json. Rename it.");
        var name = System.IO.Path.GetRelativePath(root, file);
        var text = File.ReadAllText(file);
        var side = System.IO.Path.ChangeExtension(file, ".metadata.json");
        var own = language == "AVRO" ? ContractMetadata.FromSchema(text) : ContractMetadata.None;
        return new ContractFile(name, file, text, language, System.IO.Path.GetFileNameWithoutExtension(file))
        {
            Metadata = File.Exists(side) ? own.With(ContractMetadata.FromFile(File.ReadAllText(side), side)) : own,
        };
    }

    private static string FindPipelines()
    {
        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "pipelines");
            if (Directory.Exists(candidate))
                return candidate;
        }

        throw new ContractException("found no folder 'pipelines' in this folder or one above it; expected one, or a path. Name the folder of the contracts.");
    }
}
