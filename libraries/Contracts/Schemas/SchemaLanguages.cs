namespace RealTimeMesh.Contracts;

/// <summary>The schema languages there are.</summary>
public static class SchemaLanguages
{
    /// <summary>The language of documents that name none.</summary>
    public const string Default = "AVRO";

    private static readonly ISchemaLanguage[] All = [new JsonSchemaLanguage(), new ProtobufLanguage(), new AvroLanguage()];

    /// <summary>Their names, in the order in which a registry lists them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(language => language.Name)];

    /// <summary>The language of a name; null where there is none.</summary>
    public static ISchemaLanguage? Find(string name) => Array.Find(All, language => language.Name == name);
}
