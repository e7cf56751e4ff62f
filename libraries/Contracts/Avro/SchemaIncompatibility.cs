namespace RealTimeMesh.Contracts;

/// <summary>One reason why a reader's schema cannot read what a writer's writes.</summary>
/// <param name="Type">What kind of reason, in the registry's words: <c>READER_FIELD_MISSING_DEFAULT_VALUE</c>, <c>TYPE_MISMATCH</c>, …</param>
/// <param name="Path">Where in the reader's schema, as a JSON pointer.</param>
/// <param name="Description">What is wrong, for people.</param>
public sealed record SchemaIncompatibility(string Type, string Path, string Description);
