using RealTimeMesh.Ingestion.Sources;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>The built-in generators by name.</summary>
internal sealed class GeneratorCatalog
{
    private readonly Dictionary<string, IEventGenerator> _generators = new(StringComparer.Ordinal);

    public GeneratorCatalog(IEnumerable<IEventGenerator> generators)
    {
        foreach (var generator in generators)
        {
            if (!_generators.TryAdd(generator.Name, generator))
                throw new SourceException($"generator '{generator.Name}' is registered twice; expected one of each name. Rename one.");
        }
    }

    public IEventGenerator Find(string name, string topic) => _generators.TryGetValue(name, out var generator)
        ? generator
        : throw new SourceException($"stream '{topic}': generator: found '{name}'; expected one of {string.Join(", ", _generators.Keys.Order(StringComparer.Ordinal))}. Correct it in pipeline.yaml.");
}
