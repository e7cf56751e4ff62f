using System.Text.Json;
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

    /// <summary>The files it may refer to.</summary>
    public LocalSchemas? Around { get; init; }

    /// <summary>A file among others; its subject is its name without extension.</summary>
    public static ContractFile Of(LocalSchema file, LocalSchemas around)
    {
        var side = System.IO.Path.ChangeExtension(file.Path, ".metadata.json");
        var own = file.Language == "AVRO" ? OwnMetadata(file.Text) : ContractMetadata.None;
        return new ContractFile(around.NameOf(file), file.Path, file.Text, file.Language, System.IO.Path.GetFileNameWithoutExtension(file.Path))
        {
            Metadata = File.Exists(side) ? own.With(ContractMetadata.FromFile(File.ReadAllText(side), side)) : own,
            Around = around,
        };
    }

    /// <summary>The file as those around it know it.</summary>
    public LocalSchema Local => new(Path, Text, Language);

    /// <summary>Whether it needs other documents.</summary>
    public bool HasReferences => Around?.Direct(Local).Count > 0;

    /// <summary>Throws <see cref="ContractException"/> where the document is wrong, or one that it refers to is missing.</summary>
    public SchemaDocument Parse() => SchemaLanguages.Find(Language)!.Parse(Text, Around?.ReferencesOf(Local) ?? []);

    /// <summary>A file that is no JSON says nothing of itself: what is wrong with it is told when it is parsed, beside the verdicts on the others.</summary>
    private static ContractMetadata OwnMetadata(string text)
    {
        try
        {
            return ContractMetadata.FromSchema(text);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return ContractMetadata.None;
        }
    }
}
