namespace RealTimeMesh.Contracts;

/// <summary>A schema document in a file.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Text">The document.</param>
/// <param name="Language"><c>AVRO</c>, <c>PROTOBUF</c> or <c>JSON</c>.</param>
public sealed record LocalSchema(string Path, string Text, string Language)
{
    /// <summary>The language of a file by its name; null where it is no schema.</summary>
    public static string? LanguageOf(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".avsc" => "AVRO",
        ".proto" => "PROTOBUF",
        ".json" when !path.EndsWith(".metadata.json", StringComparison.Ordinal) => "JSON",
        _ => null,
    };

    /// <summary>Paths of the schemas of a folder and those below it, sorted.</summary>
    public static IEnumerable<string> Find(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .Where(file => LanguageOf(file) is not null).Order(StringComparer.Ordinal);
}

/// <summary>A file that another one refers to.</summary>
/// <param name="Name">What the referring document calls it: an Avro full name, an import path, a URI without its fragment.</param>
/// <param name="File">The file.</param>
public sealed record LocalUse(string Name, LocalSchema File);
