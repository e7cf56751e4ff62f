namespace RealTimeMesh.Contracts;

/// <summary>One reason why a reader's schema cannot read what a writer's writes.</summary>
/// <param name="Type">What kind of reason, in the registry's words: <c>READER_FIELD_MISSING_DEFAULT_VALUE</c>, <c>TYPE_MISMATCH</c>, …</param>
/// <param name="Path">Where in the reader's schema, as a JSON pointer.</param>
/// <param name="Sentence">What is wrong, with <c>{reader}</c> and <c>{writer}</c> where the two schemas are named.</param>
/// <param name="Detail">The types, names or symbols in question; null where the schema language gives none.</param>
/// <param name="Quote">What registries close the sentence with in their messages.</param>
public sealed record SchemaIncompatibility(string Type, string Path, string Sentence, string? Detail = null, char Quote = '"')
{
    /// <summary>What is wrong where the reader is the newer schema.</summary>
    public string Description => Describe("new", "old");

    /// <summary>What is wrong, with the words for the two schemas.</summary>
    public string Describe(string reader, string writer) =>
        Sentence.Replace("{reader}", reader, StringComparison.Ordinal).Replace("{writer}", writer, StringComparison.Ordinal);

    /// <summary>The reason as a registry writes it into its messages.</summary>
    public string ToMessage(string reader, string writer) => Detail is null
        ? $"{{errorType:\"{Type}\", description:\"{Describe(reader, writer)}{Quote}}}"
        : $"{{errorType:'{Type}', description:'{Describe(reader, writer)}', additionalInfo:'{Detail}'}}";
}
