namespace RealTimeMesh.Contracts;

/// <summary>A language that schemas are written in.</summary>
public interface ISchemaLanguage
{
    /// <summary>The registry's word for it.</summary>
    string Name { get; }

    /// <summary>Reads a document. Throws <see cref="ContractException"/> naming what is wrong.</summary>
    /// <param name="text">The document.</param>
    /// <param name="references">All documents it needs, each after those it needs itself.</param>
    SchemaDocument Parse(string text, IReadOnlyList<ReferencedSchema> references);
}
