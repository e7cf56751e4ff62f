using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>A schema under its global id.</summary>
/// <param name="Id">Never given to another schema.</param>
/// <param name="Text">Canonical text.</param>
/// <param name="Parsed">The same, parsed.</param>
internal sealed record StoredSchema(int Id, string Text, AvroSchema Parsed);
