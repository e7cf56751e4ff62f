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
            return OfOneFile(System.IO.Path.GetDirectoryName(full)!, full);

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
        var around = LocalSchemas.Read(path);
        var contracts = around.Files.Select(file => ContractFile.Of(file, around)).ToList();
        return contracts.Count > 0
            ? new ContractFolder(path, contracts, [])
            : throw new ContractException($"{path}: found no pipeline and no schema file; expected .avsc, .proto or .json files, or folders with a {PipelineLoader.FileName}. Correct the path.");
    }

    private static ContractFolder OfOneFile(string root, string path)
    {
        var language = LocalSchema.LanguageOf(path) ?? throw new ContractException($"{path}: found no schema by its name; expected .avsc, .proto or .json. Rename it.");
        var file = new LocalSchema(path, File.ReadAllText(path), language);
        // The files around one that needs none of them are none of its business.
        var alone = new LocalSchemas(root, []);
        return new ContractFolder(root, [ContractFile.Of(file, LocalSchemas.NeedsOthers(file) ? LocalSchemas.Read(root) : alone)], []);
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
