namespace RealTimeMesh.Contracts;

/// <summary>Finds imported documents on the disk.</summary>
internal static class ProtoImports
{
    private const int MostFolders = 8;

    /// <summary>Adds what a document imports, each after what it imports itself. Throws <see cref="ContractException"/> where one is not there.</summary>
    public static void Collect(string text, string folder, List<ReferencedSchema> found) => Collect(text, folder, found, []);

    private static void Collect(string text, string folder, List<ReferencedSchema> found, HashSet<string> seen)
    {
        var file = ProtoParser.Parse(text);
        foreach (var import in file.Imports.Concat(file.PublicImports))
        {
            if (!seen.Add(import))
                continue;

            if (Locate(folder, import) is not { } path)
            {
                if (WellKnownProtos.All.ContainsKey(import))
                    continue;

                throw new ContractException($"import '{import}': found no such file; expected one below {folder} or a folder above it. Put it there, or correct the import.");
            }

            var imported = File.ReadAllText(path);
            Collect(imported, folder, found, seen);
            found.Add(new ReferencedSchema(import, imported, path));
        }
    }

    private static string? Locate(string folder, string import)
    {
        // An import names a path from some root, which is the folder itself or one around it.
        var place = folder;
        for (var i = 0; i < MostFolders && place is not null; i++, place = Path.GetDirectoryName(place))
        {
            var path = Path.GetFullPath(Path.Combine(place, import));
            if (path.StartsWith(place, StringComparison.Ordinal) && File.Exists(path))
                return path;
        }

        return null;
    }
}
