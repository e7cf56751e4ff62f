using Apache.Arrow;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>
/// Reads Avro records of any shape straight into Arrow arrays: records become structs, arrays lists, maps maps, enums and
/// UUID texts strings, decimals decimals of 128 or 256 bits, times Arrow's times; fixed and durations binary; a union of
/// several types a struct with a nullable member for each (<c>member0</c>, <c>member1</c>, …). Not thread-safe.
/// </summary>
public sealed class ArrowBatchBuilder
{
    private readonly ArrowShape _shape;
    private readonly AvroRecord _reader;
    private readonly AvroLimits _limits;

    /// <summary>Throws <see cref="ContractException"/> where the schema is no record, or one that contains itself.</summary>
    public ArrowBatchBuilder(AvroSchema reader, AvroLimits? limits = null)
    {
        _reader = reader as AvroRecord ?? throw new ContractException($"schema: found type {reader}; expected a record, whose fields are columns. Wrap it in a record with one field.");
        _limits = limits ?? AvroLimits.Default;
        _shape = ArrowShape.Of(_reader, "", []);
        Schema = new Schema([.. _shape.Parts.Select((part, i) => part.ToField(_reader.Fields[i].Name))], null);
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>Rows since the last <see cref="Build"/>.</summary>
    public int Count => _shape.Sink.Count;

    /// <summary>A reader of payloads that a schema wrote. Throws <see cref="ContractException"/> where the builder's schema cannot read them.</summary>
    public ArrowRowReader Resolve(AvroSchema writer) => ArrowStepCompiler.Compile(writer, _shape, out var reason) is { } step
        ? new ArrowRowReader(this, step)
        : throw new ContractException($"schema {_reader}: {reason}. Read with a schema that can hold what is written.");

    /// <summary>All rows as a batch; the builder starts anew.</summary>
    public RecordBatch Build()
    {
        var count = Count;
        var data = _shape.Sink.Build();
        return new RecordBatch(Schema, data.Children.Select(ArrowArrayFactory.BuildArray), count);
    }

    internal bool TryAppend(ArrowStep step, ReadOnlySpan<byte> payload, out string? error)
    {
        var start = Count;
        var cursor = new AvroCursor(payload, _limits);
        var read = step.TryRead(ref cursor);
        if (read && cursor.Remaining == 0)
        {
            error = null;
            return true;
        }

        error = read ? $"{cursor.Remaining} bytes behind the last field" : cursor.Describe();
        _shape.Sink.Truncate(start);
        return false;
    }
}

/// <summary>Appends payloads of one writer's schema to a builder.</summary>
public sealed class ArrowRowReader
{
    private readonly ArrowBatchBuilder _builder;
    private readonly ArrowStep _step;

    internal ArrowRowReader(ArrowBatchBuilder builder, ArrowStep step) => (_builder, _step) = (builder, step);

    /// <summary>Appends a row. False, with the reason and the field's path, and nothing appended, where the payload is not of the writer's schema.</summary>
    public bool TryAppend(ReadOnlySpan<byte> payload, out string? error) => _builder.TryAppend(_step, payload, out error);
}
