namespace RealTimeMesh.Contracts;

/// <summary>Resolves one field of the writer against one field of the reader (Avro 1.12, "Schema Resolution") into a step.</summary>
internal static class ReaderCompiler
{
    /// <summary>The step, or null with the reason where no value of the writer's field can be read.</summary>
    public static FieldReader? Compile(AvroSchema writer, AvroSchema reader, Field field, out string reason)
    {
        if (writer is not AvroUnion union)
            return CompileValue(writer, reader, field, out reason);

        var branches = new FieldReader[union.Branches.Count];
        var readable = 0;
        reason = "";
        for (var i = 0; i < branches.Length; i++)
        {
            if (CompileValue(union.Branches[i], reader, field, out var refusal) is { } branch)
            {
                branches[i] = branch;
                readable++;
            }
            else
            {
                branches[i] = new RefusingReader(refusal);
                reason = refusal;
            }
        }

        return readable > 0 ? new UnionReader(branches) : null;
    }

    private static FieldReader? CompileValue(AvroSchema writer, AvroSchema reader, Field field, out string reason)
    {
        reason = "";
        if (writer.Kind == AvroKind.Null)
            return new NullReader(field.Nullable);

        var target = reader is AvroUnion union ? union.Branches.First(branch => branch.Kind != AvroKind.Null) : reader;
        var step = (writer.Kind, target.Kind) switch
        {
            (AvroKind.Boolean, AvroKind.Boolean) => new BooleanReader(),
            (AvroKind.Int, AvroKind.Int) => field.Type == FieldType.Date ? new DateReader() : new IntReader(),
            (AvroKind.Int or AvroKind.Long, AvroKind.Long) => Long(writer, field),
            (AvroKind.Int or AvroKind.Long, AvroKind.Float or AvroKind.Double) =>
                new IntegerAsNumberReader(writer.Kind == AvroKind.Int, target.Kind == AvroKind.Float),
            (AvroKind.Float, AvroKind.Float or AvroKind.Double) => new FloatReader(),
            (AvroKind.Double, AvroKind.Double) => new DoubleReader(),
            (AvroKind.String or AvroKind.Bytes, AvroKind.String) => new StringReader(),
            (AvroKind.Bytes or AvroKind.String, AvroKind.Bytes) => Bytes(writer, field, 0),
            (AvroKind.Fixed, AvroKind.Fixed) when SameName(writer, target) && ((AvroFixed)writer).Size == ((AvroFixed)target).Size =>
                Bytes(writer, field, ((AvroFixed)writer).Size),
            (AvroKind.Enum, AvroKind.Enum) when SameName(writer, target) => Enum((AvroEnum)writer, (AvroEnum)target),
            _ => (FieldReader?)null,
        };
        if (step is null)
            reason = $"type {writer} of the writer cannot be read as {target}";

        return step;
    }

    private static FieldReader Long(AvroSchema writer, Field field)
    {
        if (field.Type != FieldType.Timestamp)
            return writer.Kind == AvroKind.Int ? new IntReader() : new LongReader();

        // The writer's unit counts; an integer without one is in the reader's.
        return new TimestampReader(writer.LogicalType switch
        {
            "timestamp-millis" or "local-timestamp-millis" => EpochUnit.Milliseconds,
            "timestamp-micros" or "local-timestamp-micros" => EpochUnit.Microseconds,
            _ => field.EpochUnit,
        });
    }

    private static FieldReader? Bytes(AvroSchema writer, Field field, int size)
    {
        if (field.Type != FieldType.Decimal)
            return size > 0 ? new FixedReader(size) : new BytesReader();

        var scale = writer.LogicalType == "decimal" ? writer.Scale : field.Scale;
        return scale == field.Scale ? new DecimalReader(field.Precision, scale, size) : null;
    }

    private static EnumReader Enum(AvroEnum writer, AvroEnum reader) =>
        new([.. writer.Symbols.Select(symbol => reader.Symbols.Contains(symbol, StringComparer.Ordinal) ? symbol : reader.Default)]);

    private static bool SameName(AvroSchema writer, AvroSchema reader) =>
        SchemaCompatibility.SameName((AvroNamed)reader, (AvroNamed)writer);
}
