namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>A schema at its place in a subject.</summary>
internal sealed record SubjectVersion(string Subject, int Version, StoredSchema Schema, bool Deleted);
