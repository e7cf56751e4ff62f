using RealTimeMesh.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Components;

/// <summary>Reads Dapr resource files. Collects every fault of every file instead of stopping at the first.</summary>
public static class ComponentLoader
{
    /// <summary>
    /// Reads files and folders (their <c>*.yaml</c> and <c>*.yml</c>, sorted by name, as daprd's resources path).
    /// </summary>
    /// <param name="paths">Files or folders.</param>
    /// <param name="environment">Values for <c>envRef</c> and <c>secretKeyRef</c> by name; null where there is none. Default: none at all.</param>
    public static ComponentLoadResult Load(IEnumerable<string> paths, Func<string, string?>? environment = null)
    {
        var reader = new ComponentDocumentReader(environment ?? (_ => null));
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                foreach (var file in Directory.EnumerateFiles(path).Where(IsYaml).Order(StringComparer.Ordinal))
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

        return new ComponentLoadResult(reader.Components, reader.Subscriptions, reader.Faults);
    }

    private static bool IsYaml(string file) =>
        file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private static void LoadFile(string file, ComponentDocumentReader reader)
    {
        var stream = new YamlStream();
        try
        {
            using var text = new StreamReader(file);
            stream.Load(text);
        }
        catch (YamlException e)
        {
            reader.Faults.Add(new ConfigurationFault(file, (int)e.Start.Line, "document", $"text that is not YAML ({e.Message})", "a YAML document", "Correct the syntax at this line; indent with spaces."));
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reader.Faults.Add(new ConfigurationFault(file, 0, "file", $"a file that cannot be read ({e.Message})", "a readable YAML file", "Correct its permissions."));
            return;
        }

        foreach (var document in stream.Documents)
            reader.Read(file, document.RootNode);
    }
}
