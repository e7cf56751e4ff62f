namespace RealTimeMesh.Contracts;

/// <summary>A schema of any language that a registry keeps.</summary>
public abstract class SchemaDocument
{
    /// <summary>The language in the registry's words: <c>AVRO</c>, <c>JSON</c> or <c>PROTOBUF</c>.</summary>
    public abstract string Language { get; }

    /// <summary>The text without accidents of layout: what is stored, and what two equal schemas share.</summary>
    public abstract string Canonical { get; }

    /// <summary>The text without accidents of order or notation either.</summary>
    public abstract string Normalized { get; }

    /// <summary>Whether the document's outermost type has a field of this name.</summary>
    public abstract bool HasTopLevelField(string name);

    /// <summary>Every reason why this schema cannot read what <paramref name="writer"/>, of the same language, writes; empty where it can.</summary>
    /// <param name="writer">The other schema.</param>
    /// <param name="lenient">JSON Schema only: take data to have no properties that its schema does not name.</param>
    public abstract IReadOnlyList<SchemaIncompatibility> CheckReads(SchemaDocument writer, bool lenient = false);

    /// <summary>The text in a form that the language has besides the canonical one; the canonical one where it does not know the form.</summary>
    public virtual string Format(string form) => Canonical;
}
