using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>Names that a subject's metadata keeps free (<c>confluent:reserved</c>): no field may have them, and none may be given up.</summary>
internal static class ReservedFields
{
    public static IEnumerable<string> Check(SchemaDocument document, string? metadata, SubjectVersion? previous)
    {
        var reserved = Of(metadata);
        foreach (var removed in Of(previous?.Content.Metadata).Except(reserved, StringComparer.Ordinal))
            yield return $"The new schema has reserved field {removed} removed from its metadata which is present in the old schema's metadata.";

        foreach (var name in reserved.Where(document.HasTopLevelField))
            yield return $"The new schema has field that conflicts with the reserved field {name}.";
    }

    private static string[] Of(string? metadata) =>
        SchemaMetadata.Property(metadata, "confluent:reserved")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
