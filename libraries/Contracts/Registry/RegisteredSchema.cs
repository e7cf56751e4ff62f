namespace RealTimeMesh.Contracts;

/// <summary>A schema as a registry keeps it.</summary>
/// <param name="Text">The document.</param>
/// <param name="Language"><c>AVRO</c>, <c>JSON</c> or <c>PROTOBUF</c>.</param>
/// <param name="References">All documents it needs, each after those it needs itself.</param>
public sealed record RegisteredSchema(string Text, string Language, IReadOnlyList<ReferencedSchema> References)
{
    /// <summary>What the registry knows of it besides the schema.</summary>
    public ContractMetadata Metadata { get; init; } = ContractMetadata.None;

    /// <summary>The same, with what an Avro document says of itself.</summary>
    public ContractMetadata WholeMetadata => Language == "AVRO" ? ContractMetadata.FromSchema(Text).With(Metadata) : Metadata;

    /// <summary>Parses the schema with those it refers to. Throws <see cref="ContractException"/> where it is not Avro, or wrong.</summary>
    public AvroSchema Parse()
    {
        if (Language != "AVRO")
            throw new ContractException($"schema of type {Language}: expected AVRO. Publish events of this stream as Avro.");

        var parser = new AvroSchemaParser();
        foreach (var reference in References)
            parser.ParseDocument(reference.Text);

        return parser.ParseDocument(Text);
    }
}

/// <summary>The latest version of a subject.</summary>
/// <param name="Id">Its global id.</param>
/// <param name="Schema">Its document.</param>
public sealed record LatestSchema(int Id, string Schema)
{
    /// <summary>Its number in the subject, from 1; 0 where the registry did not say.</summary>
    public int Version { get; init; }

    /// <summary>Its document with those it refers to.</summary>
    public required RegisteredSchema Registered { get; init; }

    /// <summary>What the registry knows of it besides the schema.</summary>
    public ContractMetadata Metadata { get; init; } = ContractMetadata.None;

    /// <summary>Its id in the form of a header; null where the registry gives none.</summary>
    public Guid? Guid { get; init; }
}

/// <summary>The names a registry gives a schema.</summary>
/// <param name="Id">Its global id.</param>
/// <param name="Guid">Its GUID; null where the registry gives none.</param>
public sealed record SchemaIdentity(int Id, Guid? Guid);
