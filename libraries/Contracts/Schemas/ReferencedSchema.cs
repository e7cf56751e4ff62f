namespace RealTimeMesh.Contracts;

/// <summary>A document that another one refers to by name.</summary>
/// <param name="Name">What the referring document calls it: an Avro full name, an import path, a URI.</param>
/// <param name="Text">The document.</param>
/// <param name="Origin">What tells this document's version from others (subject and version); empty where unknown.</param>
public sealed record ReferencedSchema(string Name, string Text, string Origin = "");
