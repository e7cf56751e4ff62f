using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;
using RealTimeMesh.DataQuality;

namespace RealTimeMesh.Pipelines;

/// <summary>What the sections of one file know of each other. A null value is a thing that is declared but faulty: naming it is no second fault.</summary>
internal sealed class PipelineContext(string pipeline, string folder, FaultList faults)
{
    public string Pipeline { get; } = pipeline;

    public string Directory { get; } = Path.GetFullPath(folder);

    public FaultList Faults { get; } = faults;

    public Dictionary<string, StreamDefinition?> Streams { get; } = new(StringComparer.Ordinal);

    /// <summary>Fields of each stream whose contract could be read, even where the stream is faulty otherwise.</summary>
    public Dictionary<string, RowSchema> Schemas { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ReferenceDefinition?> References { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ReferenceTable?> ReferenceTables { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, TableDefinition?> Tables { get; } = new(StringComparer.Ordinal);

    /// <summary>Views of kinds other than tumbling windows of one stream.</summary>
    public List<FlowDefinition> Flows { get; } = [];

    /// <summary>Texts that stand in for those of files, by absolute path.</summary>
    public IReadOnlyDictionary<string, string> Changed { get; init; } = new Dictionary<string, string>();

    public HashSet<string> SourceNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The thing an element names, or a fault with the known names.</summary>
    public static bool TryResolve<T>(YamlElement element, string name, string kind, Dictionary<string, T?> known, [NotNullWhen(true)] out T? found)
        where T : class
    {
        if (known.TryGetValue(name, out found))
            return found is not null;
        var near = Suggestion.For(name, known.Keys);
        element.Fault($"the unknown {kind} '{name}'", known.Count == 0 ? $"a {kind} of this pipeline" : $"one of {string.Join(", ", known.Keys)}", near is null ? $"Declare the {kind}, or correct the name." : $"Did you mean '{near}'?");
        return false;
    }

    public static bool CheckField(YamlElement element, string name, RowSchema schema, [NotNullWhen(true)] out Field? field)
    {
        field = schema.IndexOf(name) is >= 0 and var i ? schema.Fields[i] : null;
        if (field is not null)
            return true;
        var names = schema.Fields.Select(f => f.Name).ToList();
        var near = Suggestion.For(name, names);
        element.Fault($"the unknown field '{name}'", $"one of the contract's fields {string.Join(", ", names)}", near is null ? "Correct the name or extend the contract." : $"Did you mean '{near}'?");
        return false;
    }

    /// <summary>The absolute path of a file named relative to the pipeline's folder; a missing file is a fault.</summary>
    public string? FilePath(YamlElement element, string what)
    {
        if (element.Text($"the path of {what}") is not { } text)
            return null;
        var path = Path.GetFullPath(Path.Combine(Directory, text));
        if (File.Exists(path))
            return path;
        element.Fault($"'{text}', which does not exist", what, $"Create {Path.Combine(folder, text)}, or correct the path.");
        return null;
    }

    public (string Text, string Path, string Shown)? FileText(YamlElement element, string what)
    {
        if (FilePath(element, what) is not { } path)
            return null;
        try
        {
            return (Changed.GetValueOrDefault(path) ?? File.ReadAllText(path), path, ShownPath(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            element.Fault($"a file that cannot be read ({e.Message})", "a readable file", "Check its permissions.");
            return null;
        }
    }

    /// <summary>A path as the user would name it.</summary>
    public string ShownPath(string path) => Path.Combine(folder, Path.GetRelativePath(Directory, path));

    /// <summary>Reads a suite; with a schema, compiles it to find unknown columns and wrong types.</summary>
    public (string Text, string Path)? Suite(YamlElement element, RowSchema? schema)
    {
        if (FileText(element, "a Great Expectations suite (JSON)") is not { } file)
            return null;
        if (!ExpectationSuite.TryParse(file.Text, file.Shown, out var suite, out var faults))
            Faults.AddRange(faults);
        else if (schema is not null && ReferenceTables.Values.All(t => t is not null)
            && !RowExpectations.TryCompile(suite, schema, new ReferenceSet(ReferenceTables.Values.OfType<ReferenceTable>()), out _, out faults))
            Faults.AddRange(faults);
        return (file.Text, file.Path);
    }
}
