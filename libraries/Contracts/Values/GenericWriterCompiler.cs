namespace RealTimeMesh.Contracts.Values;

/// <summary>Makes the writer of a schema's values in the generic form.</summary>
internal sealed class GenericWriterCompiler
{
    private readonly Dictionary<AvroRecord, GenericRecordWriter> _records = new(ReferenceEqualityComparer.Instance);

    public GenericWriter Compile(AvroSchema schema) => schema switch
    {
        AvroRecord record => CompileRecord(record),
        AvroUnion union => new GenericUnionWriter([.. union.Branches.Select(Compile)], union),
        AvroArray array => new GenericListWriter(Compile(array.Items)),
        AvroMap map => new GenericMapWriter(Compile(map.Values)),
        AvroEnum symbols => new GenericSymbolWriter(symbols),
        AvroFixed type => new GenericFixedWriter(type),
        _ => schema.Kind switch
        {
            AvroKind.Boolean => new GenericScalarWriter<bool>(new BooleanWriter(), static _ => null, "a bool"),
            AvroKind.Int => new GenericScalarWriter<int>(new IntWriter(), static _ => null, "an int"),
            AvroKind.Long => new GenericScalarWriter<long>(new LongWriter(), static value => value is int narrow ? narrow : null, "a long"),
            AvroKind.Float => new GenericScalarWriter<float>(new FloatWriter(), static _ => null, "a float"),
            AvroKind.Double => new GenericScalarWriter<double>(new DoubleWriter(), static value => value switch { float narrow => narrow, int whole => whole, _ => null }, "a double"),
            AvroKind.String => new GenericReferenceWriter<string>(new StringWriter(), "a string"),
            AvroKind.Bytes => new GenericReferenceWriter<byte[]>(new BytesWriter(), "a byte[]"),
            _ => new GenericNullWriter(),
        },
    };

    private GenericRecordWriter CompileRecord(AvroRecord record)
    {
        if (_records.TryGetValue(record, out var known))
            return known;

        var writer = _records[record] = new GenericRecordWriter(record);
        writer.Complete([.. record.Fields.Select(field => Compile(field.Schema))]);
        return writer;
    }
}
