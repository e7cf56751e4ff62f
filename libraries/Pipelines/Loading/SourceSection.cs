namespace RealTimeMesh.Pipelines;

internal static class SourceSection
{
    private static readonly string[] Formats = ["csv", "ndjson", "parquet"];

    /// <summary>The kinds of sources by the key that names them; each reads the rest of the entry.</summary>
    private static readonly Dictionary<string, Func<PipelineContext, YamlMap, YamlElement, SourceDefinition?>> Kinds = new(StringComparer.Ordinal)
    {
        ["file"] = ReadFile,
        ["generator"] = ReadGenerator,
    };

    private static readonly string[] Keys = [.. Kinds.Keys, "name", "replay", "format"];

    public static IReadOnlyList<SourceDefinition> Read(PipelineContext context, YamlElement list)
    {
        var sources = new List<SourceDefinition>();
        foreach (var item in list.Items("a list of sources") ?? [])
        {
            if (ReadOne(context, item) is { } source)
                sources.Add(source);
        }

        return sources;
    }

    private static SourceDefinition? ReadOne(PipelineContext context, YamlElement item)
    {
        if (item.Map($"a mapping with one of {string.Join(", ", Kinds.Keys)}", Keys) is not { } map)
            return null;
        var kinds = map.Entries.Where(entry => Kinds.ContainsKey(entry.Key)).ToList();
        if (kinds.Count != 1)
        {
            var found = kinds.Count == 0 ? $"none of {string.Join(", ", Kinds.Keys)}" : string.Join(" and ", kinds.Select(kind => kind.Key));
            item.Fault(found, $"one of {string.Join(", ", Kinds.Keys)}", "Write each source as its own entry.");
            return null;
        }

        var named = map.TryFind("name", out var name) ? name : null;
        var source = Kinds[kinds[0].Key](context, map, kinds[0].Value);
        if (source is not null && named?.Text("a name") is { } given)
            source = source with { Name = given };
        if (source is not null && map.TryFind("replay", out var speed))
            source = source with { Replay = speed.Number(x => double.IsFinite(x) && x > 0, "a number above 0: how many times faster than event time") };
        if (source is null || !Names.CheckSource(named ?? item, source.Name))
            return null;
        if (context.SourceNames.Add(source.Name))
            return source;
        item.Fault($"a second source '{source.Name}'", "source names that differ within the pipeline", "Give one of them another 'name'; positions and event ids are kept under it.");
        return null;
    }

    private static SourceDefinition? ReadFile(PipelineContext context, YamlMap map, YamlElement file)
    {
        var format = map.TryFind("format", out var given) ? given.Text("csv, ndjson or parquet") : null;
        var path = context.FilePath(file, "a CSV, NDJSON or Parquet file");
        var text = file.IsText ? file.Text("")! : "";
        var known = format ?? FromExtension(text);
        if (known is null || !Formats.Contains(known))
        {
            (given ?? file).Fault(format is null ? $"'{text}', whose extension names no format" : $"format '{format}'", "csv, ndjson or parquet", "Set 'format' to one of these.");
            return null;
        }

        return path is null ? null : new SourceDefinition { Name = Path.GetFileName(path), File = path, Format = known };
    }

    private static SourceDefinition? ReadGenerator(PipelineContext context, YamlMap map, YamlElement element)
    {
        if (map.TryFind("format", out var format))
            format.Fault("a format for a generator", "none", "Remove 'format'.");
        var generator = element.Map("a mapping with name, seed and events", "name", "seed", "events");
        if (generator?.Require("name", "the name of a generator")?.Text("the name of a generator") is not { } kind)
            return null;
        var seed = generator.TryFind("seed", out var s) ? s.Integer(long.MinValue, "a whole number") : 0;
        var events = generator.TryFind("events", out var e) ? e.Integer(0, "how many events to make; 0 for no end") : 0;
        return new SourceDefinition { Name = kind, Generator = kind, Seed = seed ?? 0, Events = events ?? 0 };
    }

    private static string? FromExtension(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        ".parquet" => "parquet",
        _ => null,
    };
}
