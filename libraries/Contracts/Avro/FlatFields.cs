namespace RealTimeMesh.Contracts;

/// <summary>Turns an Avro record into the columns of a row, or says which field a flat row cannot hold.</summary>
internal static class FlatFields
{
    public static RowSchema From(AvroRecord record)
    {
        if (record.Fields.Count == 0)
            throw new ContractException($"{record.FullName}: found no fields; expected at least one. Add a field.");

        var fields = record.Fields.Select(field => From(record.FullName, field)).ToArray();
        var names = new HashSet<string>(fields.Select(field => field.Name), StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (field.Aliases.FirstOrDefault(alias => !names.Add(alias)) is { } twice)
                throw Fault(record.FullName, field.Name, $"alias '{twice}', which names another field too", "names and aliases that are unique", "Remove the alias.");
        }

        return new RowSchema(fields);
    }

    private static Field From(string record, AvroField field)
    {
        var (schema, nullable) = Unwrap(record, field);
        var flat = Type(record, field.Name, schema) with { Nullable = nullable, Aliases = field.Aliases, Pii = field.Pii };
        return field.Default is { } value ? flat with { HasDefault = true, Default = AvroDefaults.ToRowValue(flat, value) } : flat;
    }

    private static (AvroSchema Schema, bool Nullable) Unwrap(string record, AvroField field)
    {
        if (field.Schema is not AvroUnion union)
            return (field.Schema, false);

        var values = union.Branches.Where(branch => branch.Kind != AvroKind.Null).ToArray();
        return union.Branches.Count == 2 && values.Length == 1
            ? (values[0], true)
            : throw Fault(record, field.Name, $"union [{string.Join(", ", union.Branches)}]", "a union of null and one type", "Use one field per type.");
    }

    private static Field Type(string record, string name, AvroSchema schema) => (schema.Kind, schema.LogicalType) switch
    {
        (AvroKind.Boolean, _) => new Field(name, FieldType.Boolean, false),
        (AvroKind.Int, "date") => new Field(name, FieldType.Date, false),
        (AvroKind.Int, _) => new Field(name, FieldType.Int32, false),
        (AvroKind.Long, "timestamp-micros" or "local-timestamp-micros") => new Field(name, FieldType.Timestamp, false),
        (AvroKind.Long, "timestamp-millis" or "local-timestamp-millis") => new Field(name, FieldType.Timestamp, false) { EpochUnit = EpochUnit.Milliseconds },
        (AvroKind.Long, "timestamp-nanos" or "local-timestamp-nanos") =>
            throw Fault(record, name, schema.LogicalType, "timestamp-micros or timestamp-millis", "Rows hold microseconds: choose one of the two."),
        (AvroKind.Long, _) => new Field(name, FieldType.Int64, false),
        (AvroKind.Float, _) => new Field(name, FieldType.Float32, false),
        (AvroKind.Double, _) => new Field(name, FieldType.Float64, false),
        (AvroKind.String, "uuid") => new Field(name, FieldType.String, false) { Uuid = true },
        (AvroKind.String, _) => new Field(name, FieldType.String, false),
        (AvroKind.Enum, _) => new Field(name, FieldType.String, false) { Symbols = ((AvroEnum)schema).Symbols },
        (AvroKind.Bytes or AvroKind.Fixed, "decimal") => Decimal(record, name, schema),
        (AvroKind.Bytes, _) => new Field(name, FieldType.Bytes, false),
        (AvroKind.Fixed, _) => new Field(name, FieldType.Bytes, false) { FixedSize = ((AvroFixed)schema).Size },
        (AvroKind.Null, _) => throw Fault(record, name, "type null", "a type that has values", "Use a union of null and the type."),
        _ => throw Fault(record, name, $"type {schema}", "a primitive, enum, fixed or logical type", "A row is flat: give each part a field of its own, or hold the part as JSON text."),
    };

    private static Field Decimal(string record, string name, AvroSchema schema) =>
        schema.Precision is >= 1 and <= Decimals.MaxPrecision && schema.Scale <= schema.Precision
            ? new Field(name, FieldType.Decimal, false) { Precision = schema.Precision, Scale = schema.Scale }
            : throw Fault(record, name, $"decimal({schema.Precision},{schema.Scale})", $"a precision from 1 to {Decimals.MaxPrecision} and a scale from 0 to the precision", "Correct 'precision' and 'scale'.");

    private static ContractException Fault(string record, string field, string found, string expected, string cure) =>
        new($"{record}: field '{field}': found {found}; expected {expected}. {cure}");
}
