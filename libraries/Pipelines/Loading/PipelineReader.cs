namespace RealTimeMesh.Pipelines;

/// <summary>Turns a pipeline document into a definition. Sections are read in order of dependence; each adds its faults.</summary>
internal sealed class PipelineReader(PipelineDocument document, IReadOnlyDictionary<string, string> changed)
{
    public PipelineDefinition? Read()
    {
        var root = document.Root?.Map(
            "a mapping with pipeline, streams, views, tables", "pipeline", "streams", "references", "views", "tables", "models", "warehouse", "slo");
        if (root is null)
            return null;
        if (root.Require("pipeline", "the pipeline's name")?.Text("the pipeline's name") is { } name)
            Names.Check(root.Entries.First(e => e.Key == "pipeline").Value, name);
        if (root.TryFind("models", out var models))
            models.Fault("models", "nothing yet", "Models are not available in this version; remove the key.");

        var context = new PipelineContext(document.Name, document.Folder, document.Faults) { Changed = changed };
        foreach (var (key, value) in Section(root, "references"))
            ReferenceSection.Read(context, key, value);
        root.Require("streams", "at least one stream");
        foreach (var (key, value) in Section(root, "streams"))
            StreamSection.Read(context, key, value);
        var views = Section(root, "views").Select(v => ViewSection.Read(context, v.Key, v.Value)).OfType<ViewDefinition>().ToList();
        var tables = new TableSection(context, [.. Section(root, "tables")]).Read();
        var loads = Section(root, "warehouse").Select(w => WarehouseSection.ReadLoad(context, w.Key, w.Value)).OfType<WarehouseLoad>().ToList();
        var levels = Section(root, "slo").Select(s => WarehouseSection.ReadLevel(context, s.Key, s.Value)).OfType<ServiceLevel>().ToList();
        if (document.Faults.All.Count > 0)
            return null;
        return new PipelineDefinition
        {
            Name = document.Name,
            Directory = context.Directory,
            Streams = [.. context.Streams.Values.OfType<StreamDefinition>()],
            References = [.. context.References.Values.OfType<ReferenceDefinition>()],
            Views = views,
            Flows = context.Flows,
            Tables = tables,
            Warehouse = loads,
            Slo = levels,
        };
    }

    private static IReadOnlyList<KeyValuePair<string, YamlElement>> Section(YamlMap root, string key) =>
        root.TryFind(key, out var section) ? section.Map("a mapping of names to definitions")?.Entries ?? [] : [];
}
