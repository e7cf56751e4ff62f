namespace RealTimeMesh.Contracts;

/// <summary>
/// Finds what schema files refer to among themselves: Avro names that another file defines, imports of Protobuf, <c>$ref</c> of
/// JSON Schema to another file.
/// </summary>
/// <param name="root">Paths in imports may start here.</param>
/// <param name="files">The files that are looked in.</param>
public sealed class LocalSchemas(string root, IReadOnlyList<LocalSchema> files)
{
    private readonly Dictionary<string, IReadOnlyList<LocalUse>> _direct = new(StringComparer.Ordinal);
    private readonly LocalNames _names = new(files);

    public IReadOnlyList<LocalSchema> Files => files;

    /// <summary>A file's path from the root.</summary>
    public string NameOf(LocalSchema file) => Shown(file.Path);

    /// <summary>Whether a document refers to any other.</summary>
    public static bool NeedsOthers(LocalSchema file) => SchemaNames.Foreign(file.Text, file.Language).Count > 0;

    /// <summary>All schema files below a folder; those that cannot be read as text of a schema are found to be so when they are used.</summary>
    public static LocalSchemas Read(string folder)
    {
        var root = Path.GetFullPath(folder);
        return new LocalSchemas(root, [.. LocalSchema.Find(root).Select(path => new LocalSchema(path, File.ReadAllText(path), LocalSchema.LanguageOf(path)!))]);
    }

    /// <summary>An Avro document with the definitions of others around it in place of their names; as it is where it needs none. Throws <see cref="ContractException"/> where one is missing.</summary>
    /// <param name="path">Of its file, in whose folder and below it the others are.</param>
    /// <param name="text">The document.</param>
    public static string WithDefinitions(string path, string text)
    {
        var file = new LocalSchema(Path.GetFullPath(path), text, "AVRO");
        return NeedsOthers(file) ? AvroText.Resolved(text, Read(Path.GetDirectoryName(file.Path)!).ReferencesOf(file)) : text;
    }

    /// <summary>What a document itself refers to. Throws <see cref="ContractException"/> where there is no such file, or more than one.</summary>
    public IReadOnlyList<LocalUse> Direct(LocalSchema file)
    {
        if (!_direct.TryGetValue(file.Path, out var known))
            _direct[file.Path] = known = [.. SchemaNames.Foreign(file.Text, file.Language).Select(name => new LocalUse(name.Name, Find(file, name)))];
        return known;
    }

    /// <summary>All that a document needs, each after what it needs itself. Throws <see cref="ContractException"/> naming the circle where there is one.</summary>
    public IReadOnlyList<LocalUse> All(LocalSchema file)
    {
        var found = new List<LocalUse>();
        Collect(file, found, [file.Path]);
        return found;
    }

    /// <summary>The documents that a document needs, as parsers of schema languages take them.</summary>
    public IReadOnlyList<ReferencedSchema> ReferencesOf(LocalSchema file)
    {
        // Two names of one Avro file are one document; elsewhere each name is looked up.
        var uses = All(file);
        return [.. (file.Language == "AVRO" ? uses.DistinctBy(use => use.File.Path) : uses).Select(use => new ReferencedSchema(use.Name, use.File.Text, use.File.Path))];
    }

    private void Collect(LocalSchema file, List<LocalUse> found, List<string> way)
    {
        foreach (var use in Direct(file))
        {
            if (way.IndexOf(use.File.Path) is >= 0 and var start)
                throw new ContractException($"{Shown(file.Path)}: found a circle of references ({string.Join(" -> ", way.Skip(start).Append(use.File.Path).Select(Shown))}); expected documents that can be read one after the other. Move what they share into a document of its own.");
            if (found.Find(known => known.Name == use.Name) is { } known)
            {
                if (known.File.Path != use.File.Path)
                    throw new ContractException($"{Shown(file.Path)}: found '{use.Name}' for {Shown(use.File.Path)} and for {Shown(known.File.Path)}; expected one document of a name. Rename one, or write its path.");
                continue;
            }

            way.Add(use.File.Path);
            Collect(use.File, found, way);
            way.RemoveAt(way.Count - 1);
            found.Add(use);
        }
    }

    private LocalSchema Find(LocalSchema from, SchemaName name)
    {
        var candidates = from.Language == "AVRO" ? _names.Defining(name.Name) : ByPath(from, name.Name) is { Count: > 0 } near ? near : from.Language == "JSON" ? _names.WithId(name) : BySuffix(name.Name);
        if (candidates.Count > 1 && candidates.Where(file => Path.GetDirectoryName(file.Path) == Path.GetDirectoryName(from.Path)).ToArray() is [var sibling])
            return sibling;
        return candidates switch
        {
            [var one] => one,
            [] => throw new ContractException($"{Shown(from.Path)}: {name.Place}: found no file for '{name.Name}' in {root}; expected one that {(from.Language == "AVRO" ? "defines it" : "has this path or address")}. Correct the name, or add the file."),
            _ => throw new ContractException($"{Shown(from.Path)}: {name.Place}: found several files for '{name.Name}' ({string.Join(", ", candidates.Select(file => Shown(file.Path)))}); expected one. Keep one of them, or put it beside this file."),
        };
    }

    /// <summary>The file at a path from the referring file, or from the root.</summary>
    private List<LocalSchema> ByPath(LocalSchema from, string name)
    {
        foreach (var start in (string[])[Path.GetDirectoryName(from.Path)!, root])
        {
            var path = Path.GetFullPath(Path.Combine(start, Uri.UnescapeDataString(name)));
            if (files.FirstOrDefault(file => file.Path == path && file.Language == from.Language) is { } found)
                return [found];
        }

        return [];
    }

    /// <summary>Imports begin at a folder that compilers are told; it is one of those between the root and the file.</summary>
    private List<LocalSchema> BySuffix(string name) =>
        [.. files.Where(file => file.Language == "PROTOBUF" && file.Path.EndsWith("/" + name, StringComparison.Ordinal))];

    private string Shown(string path) => Path.GetRelativePath(root, path);
}
