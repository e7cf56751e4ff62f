namespace RealTimeMesh.Pipelines;

internal static class ReferenceSection
{
    public static void Read(PipelineContext context, string name, YamlElement element)
    {
        context.References[name] = null;
        context.ReferenceTables[name] = null;
        Names.Check(element, name);
        if (element.Map("a mapping with file and key", "file", "key") is not { } map)
            return;
        var path = map.Require("file", "the path of a CSV file") is { } file ? context.FilePath(file, "a CSV file with a header line") : null;
        var key = map.Require("key", "the column that rows are looked up by")?.Text("a column name");
        if (path is null || key is null)
            return;
        var faults = new FaultList(context.ShownPath(path));
        var definition = new ReferenceDefinition(name, path, key);
        try
        {
            context.ReferenceTables[name] = ReferenceTable.TryLoad(definition, faults);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(0, name, $"a file that cannot be read ({e.Message})", "a readable file", "Check its permissions.");
        }

        context.References[name] = definition;
        context.Faults.AddRange(faults.All);
    }
}
