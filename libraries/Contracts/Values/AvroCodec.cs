namespace RealTimeMesh.Contracts.Values;

/// <summary>Compiles readers and writers of Avro binary for schemas of any shape.</summary>
public static class AvroCodec
{
    /// <summary>A writer of a type's values. Throws <see cref="ContractException"/> where the type cannot give the schema's values.</summary>
    public static AvroWriter<T> Writer<T>(AvroSchema schema, AvroLimits? limits = null) =>
        new(schema, ValueWriterCompiler.Compile<T>(schema), limits ?? AvroLimits.Default);

    /// <summary>A reader of a schema's own values. Throws <see cref="ContractException"/> where the type cannot hold them.</summary>
    public static AvroReader<T> Reader<T>(AvroSchema schema, AvroLimits? limits = null) => Reader<T>(schema, schema, limits);

    /// <summary>
    /// A reader of values that another schema wrote (Avro 1.12, "Schema Resolution"). Throws <see cref="ContractException"/>
    /// where the reader's schema or the type cannot hold any of them; what only some values lack, such as a symbol, is an
    /// error of those values.
    /// </summary>
    public static AvroReader<T> Reader<T>(AvroSchema writer, AvroSchema reader, AvroLimits? limits = null) =>
        new(ValueReaderCompiler.Compile<T>(writer, reader), limits ?? AvroLimits.Default);
}
