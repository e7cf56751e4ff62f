using RealTimeMesh.Contracts;
using YamlDotNet.Core;

namespace RealTimeMesh.Components;

/// <summary>Reads files and folders so that every mistake is told.</summary>
internal static class StrictLoader
{
    public static ComponentLoadResult Load(IEnumerable<string> paths, LoadOptions options)
    {
        var reader = new ComponentDocumentReader(options.Environment);
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                foreach (var file in Directory.EnumerateFiles(path).Where(ResourceFile.IsYaml).Order(StringComparer.Ordinal))
                    LoadFile(file, reader);
            }
            else if (File.Exists(path))
            {
                LoadFile(path, reader);
            }
            else
            {
                reader.Faults.Add(new ConfigurationFault(path, 0, "resources path", "nothing at this path", "a folder or a YAML file", "Correct the path or create the folder."));
            }
        }

        return new ComponentLoadResult(reader.Components, [.. reader.Documents.Where(document => document.Kind == "Subscription")], reader.Faults) { Documents = reader.Documents };
    }

    private static void LoadFile(string file, ComponentDocumentReader reader)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reader.Faults.Add(new ConfigurationFault(file, 0, "file", $"a file that cannot be read ({e.Message})", "a readable YAML file", "Correct its permissions."));
            return;
        }

        foreach (var (part, lineOffset) in ResourceFile.Split(text))
        {
            try
            {
                reader.Read(file, YamlResourceParser.Parse(part, lineOffset, refuseRepeatedKeys: true));
            }
            catch (YamlException e)
            {
                reader.Faults.Add(new ConfigurationFault(file, lineOffset + (int)e.Start.Line, "document", $"text that is not YAML ({e.Message})", "a YAML document", "Correct the syntax at this line; indent with spaces."));
            }
        }
    }
}
