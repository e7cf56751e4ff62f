namespace RealTimeMesh.Contracts;

/// <summary>Judges whether a reader's schema can read everything a writer's schema writes (Avro 1.12, "Schema Resolution").</summary>
public static class SchemaCompatibility
{
    /// <summary>Every reason why <paramref name="reader"/> cannot read <paramref name="writer"/>; empty where it can.</summary>
    public static IReadOnlyList<SchemaIncompatibility> Check(AvroSchema reader, AvroSchema writer)
    {
        var check = new CompatibilityCheck();
        check.Compare(reader, writer, "");
        return check.Found;
    }

    /// <summary>Names agree by their last part, or by an alias of the reader.</summary>
    internal static bool SameName(AvroNamed reader, AvroNamed writer) =>
        reader.Name == writer.Name || reader.Aliases.Contains(writer.FullName, StringComparer.Ordinal);
}
