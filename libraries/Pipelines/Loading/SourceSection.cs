namespace RealTimeMesh.Pipelines;

internal static class SourceSection
{
    private static readonly string[] CommonKeys = ["name", "replay"];

    /// <summary>The kinds of sources by the key that names them.</summary>
    private static readonly Dictionary<string, SourceKind> Kinds = new(StringComparer.Ordinal)
    {
        ["file"] = new(FileSection.ReadFile, FileSection.FileKeys),
        ["folder"] = new(FileSection.ReadFolder, FileSection.FolderKeys),
        ["postgres"] = new(PostgresSection.Read, []),
        ["generator"] = new(ReadGenerator, []),
    };

    private static readonly string[] AllKeys = [.. Kinds.Keys, .. CommonKeys, .. Kinds.Values.SelectMany(kind => kind.Keys).Distinct()];

    private static string KindNames => string.Join(", ", Kinds.Keys);

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
        if (item.Map($"a mapping with one of {KindNames}", AllKeys) is not { } map)
            return null;
        var kinds = map.Entries.Where(entry => Kinds.ContainsKey(entry.Key)).ToList();
        if (kinds.Count != 1)
        {
            var found = kinds.Count == 0 ? $"none of {KindNames}" : string.Join(" and ", kinds.Select(kind => kind.Key));
            item.Fault(found, $"one of {KindNames}", "Write each source as its own entry.");
            return null;
        }

        var (kind, element) = kinds[0];
        foreach (var (key, value) in map.Entries)
        {
            if (key != kind && !CommonKeys.Contains(key) && !Kinds[kind].Keys.Contains(key))
                value.Fault($"the key '{key}' of a {kind}", $"one of {string.Join(", ", [.. CommonKeys, .. Kinds[kind].Keys])}", "Remove it.");
        }

        var named = map.TryFind("name", out var name) ? name : null;
        var source = Kinds[kind].Read(context, map, element);
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

    private static SourceDefinition? ReadGenerator(PipelineContext context, YamlMap map, YamlElement element)
    {
        var generator = element.Map("a mapping with name, seed and events", "name", "seed", "events");
        if (generator?.Require("name", "the name of a generator")?.Text("the name of a generator") is not { } kind)
            return null;
        var seed = generator.TryFind("seed", out var s) ? s.Integer(long.MinValue, "a whole number") : 0;
        var events = generator.TryFind("events", out var e) ? e.Integer(0, "how many events to make; 0 for no end") : 0;
        return new SourceDefinition { Name = kind, Generator = kind, Seed = seed ?? 0, Events = events ?? 0 };
    }

    /// <param name="Read">Reads an entry of this kind; the name in its result is what it is called where it has none.</param>
    /// <param name="Keys">The keys that go with it.</param>
    private sealed record SourceKind(Func<PipelineContext, YamlMap, YamlElement, SourceDefinition?> Read, string[] Keys);
}
