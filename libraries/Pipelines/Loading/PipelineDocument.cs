using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Pipelines;

/// <summary>One pipeline file as YAML, before its meaning is read.</summary>
internal sealed class PipelineDocument
{
    /// <summary>Far beyond what a pipeline needs.</summary>
    private const int MaxDepth = 64;

    private PipelineDocument(string folder)
    {
        Folder = folder;
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        Faults = new FaultList(Path.Combine(folder, PipelineLoader.FileName));
    }

    /// <summary>As the user named it.</summary>
    public string Folder { get; }

    /// <summary>The value of <c>pipeline</c>; the folder's name where the file does not say.</summary>
    public string Name { get; private set; }

    /// <summary>The names by which it can be asked for: its own and its folder's.</summary>
    public HashSet<string> Names => [Name, Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder))];

    public FaultList Faults { get; }

    /// <summary>Null where the file is no YAML.</summary>
    public YamlElement? Root { get; private set; }

    public static PipelineDocument Read(string folder)
    {
        var document = new PipelineDocument(folder);
        try
        {
            var text = File.ReadAllText(document.Faults.File);
            CheckDepth(text);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count != 1)
                document.Faults.Add(1, "", $"{yaml.Documents.Count} YAML documents", "one", "Keep one pipeline in a file.");
            else
                document.Root = new YamlElement(yaml.Documents[0].RootNode, "", document.Faults);
            if (document.Root is not null && yaml.Documents[0].RootNode is YamlMappingNode root
                && root.Children.TryGetValue(new YamlScalarNode("pipeline"), out var name) && name is YamlScalarNode { Value: { Length: > 0 } given })
                document.Name = given;
        }
        catch (YamlException e)
        {
            document.Faults.Add((int)e.Start.Line, "", $"broken YAML ({e.Message.TrimEnd('.')})", "YAML 1.2", $"Look at column {e.Start.Column} of that line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            document.Faults.Add(0, "", $"a file that cannot be read ({e.Message})", "a readable file", "Check its permissions.");
        }

        return document;
    }

    /// <summary>Building nodes is recursive, reading events is not: the depth is checked before it can exhaust the stack.</summary>
    private static void CheckDepth(string text)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxDepth)
                throw new YamlException(parser.Current.Start, parser.Current.End, $"nested more than {MaxDepth} deep");
        }
    }
}
