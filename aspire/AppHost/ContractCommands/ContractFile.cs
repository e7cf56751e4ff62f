using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>A contract in a file.</summary>
/// <param name="Name">How commands call it: a stream's topic, or the file's path in its folder.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Text">The document.</param>
/// <param name="Language"><c>AVRO</c>, <c>PROTOBUF</c> or <c>JSON</c>.</param>
/// <param name="Subject">Where a registry keeps it.</param>
internal sealed record ContractFile(string Name, string Path, string Text, string Language, string Subject)
{
    public ContractMetadata Metadata { get; init; } = ContractMetadata.None;

    /// <summary>Throws <see cref="ContractException"/> where the document is wrong.</summary>
    public SchemaDocument Parse() => SchemaLanguages.Find(Language)!.Parse(Text, []);

    /// <summary>The language of a file by its name; null where it is no schema.</summary>
    public static string? LanguageOf(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".avsc" => "AVRO",
        ".proto" => "PROTOBUF",
        ".json" when !path.EndsWith(".metadata.json", StringComparison.Ordinal) => "JSON",
        _ => null,
    };
}
