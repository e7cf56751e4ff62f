using Apache.Arrow;
using Apache.Arrow.Types;
using RealTimeMesh.Contracts.Values;
using ArrowField = Apache.Arrow.Field;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>The Arrow form of a schema, with what fills it.</summary>
/// <param name="Sink">The array under construction.</param>
/// <param name="Schema">What it holds; of a union with null the other branch.</param>
/// <param name="Nullable">The schema admits null.</param>
/// <param name="Parts">Of a record its fields, of an array its items, of a map its values, of a union its branches.</param>
internal sealed record ArrowShape(ArrowSink Sink, AvroSchema Schema, bool Nullable, IReadOnlyList<ArrowShape> Parts)
{
    private static readonly TimestampType s_millis = new(TimeUnit.Millisecond, "UTC");
    private static readonly TimestampType s_micros = new(TimeUnit.Microsecond, "UTC");
    private static readonly TimestampType s_nanos = new(TimeUnit.Nanosecond, "UTC");

    /// <summary>Keys of a map.</summary>
    public BinarySink? Keys { get; private init; }

    /// <summary>Entries of a map.</summary>
    public StructSink? Entries { get; private init; }

    public ArrowField ToField(string name) => new(name, Sink.Type, Nullable);

    /// <summary>Throws <see cref="ContractException"/> where a record contains itself: columns have an end.</summary>
    public static ArrowShape Of(AvroSchema schema, string path, IReadOnlyList<AvroRecord> open)
    {
        if (schema is not AvroUnion union)
            return OfValue(schema, path, open);

        var values = union.Branches.Where(branch => branch.Kind != AvroKind.Null).ToList();
        var nullable = values.Count < union.Branches.Count;
        if (values.Count == 1)
            return OfValue(values[0], path, open) with { Nullable = nullable };

        // As Spark has it: a struct with a nullable member for each branch.
        ArrowShape[] parts = [.. values.Select(branch => Of(branch, path, open) with { Nullable = true })];
        var type = new StructType([.. parts.Select((part, i) => part.ToField(FormattableString.Invariant($"member{i}")))]);
        return new ArrowShape(new StructSink(type, [.. parts.Select(part => part.Sink)]), union, nullable, parts);
    }

    private static ArrowShape OfValue(AvroSchema schema, string path, IReadOnlyList<AvroRecord> open)
    {
        switch (schema)
        {
            case AvroRecord record when open.Contains(record):
                throw new ContractException($"field '{path}': found {record}, which contains itself; expected a record with an end. Hold the inner ones as JSON text.");
            case AvroRecord record:
                ArrowShape[] fields = [.. record.Fields.Select(field => Of(field.Schema, path.Length == 0 ? field.Name : $"{path}.{field.Name}", [.. open, record]))];
                var type = new StructType([.. fields.Select((field, i) => field.ToField(record.Fields[i].Name))]);
                return new ArrowShape(new StructSink(type, [.. fields.Select(field => field.Sink)]), schema, false, fields);
            case AvroArray array:
                var items = Of(array.Items, path + "[]", open);
                return new ArrowShape(new ListSink(new ListType(items.ToField("element")), items.Sink), schema, false, [items]);
            case AvroMap map:
                var values = Of(map.Values, path + "[]", open);
                var keys = new BinarySink(StringType.Default);
                var mapType = new MapType(new ArrowField("key", StringType.Default, false), values.ToField("value"));
                var entries = new StructSink(mapType.KeyValueType, [keys, values.Sink]);
                return new ArrowShape(new ListSink(mapType, entries), schema, false, [values]) { Keys = keys, Entries = entries };
            default:
                return new ArrowShape(Scalar(schema), schema, schema.Kind == AvroKind.Null, []);
        }
    }

    private static ArrowSink Scalar(AvroSchema schema) => (schema.Kind, schema.LogicalType) switch
    {
        (AvroKind.Boolean, _) => new BooleanSink(),
        (AvroKind.Int, "date") => new FixedSink<int>(Date32Type.Default),
        (AvroKind.Int, "time-millis") => new FixedSink<int>(new Time32Type(TimeUnit.Millisecond)),
        (AvroKind.Int, _) => new FixedSink<int>(Int32Type.Default),
        (AvroKind.Long, "time-micros") => new FixedSink<long>(new Time64Type(TimeUnit.Microsecond)),
        (AvroKind.Long, "timestamp-millis") => new FixedSink<long>(s_millis),
        (AvroKind.Long, "timestamp-micros") => new FixedSink<long>(s_micros),
        (AvroKind.Long, "timestamp-nanos") => new FixedSink<long>(s_nanos),
        (AvroKind.Long, "local-timestamp-millis") => new FixedSink<long>(new TimestampType(TimeUnit.Millisecond, (string?)null)),
        (AvroKind.Long, "local-timestamp-micros") => new FixedSink<long>(new TimestampType(TimeUnit.Microsecond, (string?)null)),
        (AvroKind.Long, "local-timestamp-nanos") => new FixedSink<long>(new TimestampType(TimeUnit.Nanosecond, (string?)null)),
        (AvroKind.Long, _) => new FixedSink<long>(Int64Type.Default),
        (AvroKind.Float, _) => new FixedSink<float>(FloatType.Default),
        (AvroKind.Double, _) => new FixedSink<double>(DoubleType.Default),
        (AvroKind.Bytes or AvroKind.Fixed, "decimal") when ScalarReaders.IsDecimal(schema) && schema.Precision <= 76 =>
            new DecimalSink(schema.Precision <= 38 ? new Decimal128Type(schema.Precision, schema.Scale) : new Decimal256Type(schema.Precision, schema.Scale)),
        (AvroKind.Bytes or AvroKind.Fixed, _) => new BinarySink(BinaryType.Default),
        _ => new BinarySink(StringType.Default),
    };
}
