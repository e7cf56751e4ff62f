using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads pipeline folders.</summary>
public static class PipelineLoader
{
    /// <summary>Name of the file that makes a folder a pipeline.</summary>
    public const string FileName = "pipeline.yaml";

    /// <summary>
    /// Loads the pipelines of a folder (each a folder with a <c>pipeline.yaml</c>); <paramref name="names"/> empty means all.
    /// All faults of all files are returned together; a pipeline with a fault is not among the definitions.
    /// </summary>
    public static PipelineLoadResult Load(string directory, IReadOnlyList<string> names) => Load(directory, names, new Dictionary<string, string>());

    /// <summary>As the other, as if some files (by absolute path) had other texts: what a change of them would do.</summary>
    public static PipelineLoadResult Load(string directory, IReadOnlyList<string> names, IReadOnlyDictionary<string, string> changed)
    {
        var faults = new FaultList(directory);
        if (!Directory.Exists(directory))
        {
            faults.Add(0, "pipelines", "no such folder", $"a folder of pipelines, each a folder with a {FileName}", "Create it, or name another with --pipelines.");
            return new PipelineLoadResult([], faults.All);
        }

        var documents = Directory.EnumerateDirectories(directory)
            .Where(folder => File.Exists(Path.Combine(folder, FileName)))
            .Order(StringComparer.Ordinal)
            .Select(PipelineDocument.Read)
            .ToList();
        if (documents.Count == 0)
            faults.Add(0, "pipelines", $"no folder with a {FileName}", "at least one", "Create one, or name another folder with --pipelines.");

        var selected = names.Count == 0 ? documents : documents.Where(d => d.Names.Overlaps(names)).ToList();
        foreach (var name in names.Where(name => documents.Count > 0 && !documents.Exists(d => d.Names.Contains(name))))
        {
            var known = documents.Select(d => d.Name).ToList();
            var near = Suggestion.For(name, known);
            faults.Add(0, name, "no pipeline of that name", $"one of {string.Join(", ", known)}", near is null ? "Name one of these." : $"Did you mean '{near}'?");
        }

        var pipelines = new List<PipelineDefinition>();
        foreach (var document in selected)
        {
            if (new PipelineReader(document, changed).Read() is { } pipeline)
                pipelines.Add(pipeline);
            faults.AddRange(document.Faults.All);
        }

        foreach (var twin in selected.GroupBy(d => d.Name, StringComparer.Ordinal).SelectMany(g => g.Skip(1)))
        {
            faults.AddRange([new ConfigurationFault(twin.Faults.File, 1, "pipeline", $"the name '{twin.Name}' again", "a name that no other pipeline has", "Rename one of them.")]);
            pipelines.RemoveAll(p => p.Name == twin.Name);
        }

        return new PipelineLoadResult(pipelines, faults.All);
    }
}

/// <summary>What was loaded and all that was wrong.</summary>
public sealed record PipelineLoadResult(IReadOnlyList<PipelineDefinition> Pipelines, IReadOnlyList<ConfigurationFault> Faults);
