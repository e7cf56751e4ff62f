namespace RealTimeMesh.Pipelines;

internal static class SourceSection
{
    private static readonly string[] Formats = ["csv", "ndjson", "parquet"];

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
        if (item.Map("a mapping with file or generator", "file", "generator", "format", "name", "replay") is not { } map)
            return null;
        if (map.Has("file") == map.Has("generator"))
        {
            item.Fault(map.Has("file") ? "a file and a generator" : "neither a file nor a generator", "one of the two", "Write each source as its own entry.");
            return null;
        }

        var name = map.TryFind("name", out var named) ? named.Text("a name") : null;
        double? replay = map.TryFind("replay", out var speed) ? speed.Number(x => double.IsFinite(x) && x > 0, "a number above 0: how many times faster than event time") : null;
        var source = map.TryFind("file", out var file) ? ReadFile(context, map, file, name, replay) : ReadGenerator(map, name, replay);
        if (source is null || !Names.CheckSource(named ?? item, source.Name))
            return null;
        if (context.SourceNames.Add(source.Name))
            return source;
        item.Fault($"a second source '{source.Name}'", "source names that differ within the pipeline", "Give one of them another 'name'; positions and event ids are kept under it.");
        return null;
    }

    private static SourceDefinition? ReadFile(PipelineContext context, YamlMap map, YamlElement file, string? name, double? replay)
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

        return path is null ? null : new SourceDefinition { Name = name ?? Path.GetFileName(path), File = path, Format = known, Replay = replay };
    }

    private static SourceDefinition? ReadGenerator(YamlMap map, string? name, double? replay)
    {
        if (map.TryFind("format", out var format))
            format.Fault("a format for a generator", "none", "Remove 'format'.");
        var generator = map.Require("generator", "a generator")?.Map("a mapping with name, seed and events", "name", "seed", "events");
        if (generator?.Require("name", "the name of a generator")?.Text("the name of a generator") is not { } kind)
            return null;
        var seed = generator.TryFind("seed", out var s) ? s.Integer(long.MinValue, "a whole number") : 0;
        var events = generator.TryFind("events", out var e) ? e.Integer(0, "how many events to make; 0 for no end") : 0;
        return new SourceDefinition { Name = name ?? kind, Generator = kind, Seed = seed ?? 0, Events = events ?? 0, Replay = replay };
    }

    private static string? FromExtension(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        ".parquet" => "parquet",
        _ => null,
    };
}
