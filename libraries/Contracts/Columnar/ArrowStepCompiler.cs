using System.Buffers;
using System.Text;
using RealTimeMesh.Contracts.Values;

namespace RealTimeMesh.Contracts.Columnar;

/// <summary>Resolves a writer's schema against a reader's into steps that fill arrays (Avro 1.12, "Schema Resolution").</summary>
internal static class ArrowStepCompiler
{
    /// <summary>The step; null with the reason where nothing of the writer can be read.</summary>
    public static ArrowStep? Compile(AvroSchema writer, ArrowShape reader, out string reason)
    {
        reason = "";
        if (writer is AvroUnion writers)
        {
            var refusal = "";
            var readable = false;
            ArrowStep[] branches = [.. writers.Branches.Select(branch =>
            {
                var step = Compile(branch, reader, out var why);
                readable |= step is not null;
                refusal = step is null ? why : refusal;
                return step ?? new RefusingStep(why);
            })];
            reason = refusal;
            return readable ? new UnionStep(branches) : null;
        }

        if (writer.Kind == AvroKind.Null)
        {
            if (reader.Nullable)
                return new NullStep(reader.Sink);

            reason = "found null, which the reader does not admit";
            return null;
        }

        return reader.Schema is AvroUnion ? CompileMember(writer, reader, out reason) : CompileValue(writer, reader, ref reason);
    }

    private static MemberStep? CompileMember(AvroSchema writer, ArrowShape reader, out string reason)
    {
        var ordered = reader.Parts.OrderBy(part => part.Schema is AvroNamed named && writer is AvroNamed other && named.FullName == other.FullName ? 0 : part.Schema.Kind == writer.Kind ? 1 : 2);
        foreach (var part in ordered)
        {
            if (Compile(writer, part, out _) is { } member)
            {
                reason = "";
                return new MemberStep(member, (StructSink)reader.Sink);
            }
        }

        reason = $"found type {writer} of the writer, which no branch of the reader's union can hold";
        return null;
    }

    private static ArrowStep? CompileValue(AvroSchema writer, ArrowShape reader, ref string reason)
    {
        switch (writer, reader.Schema)
        {
            case (AvroRecord from, AvroRecord to) when SchemaCompatibility.SameName(to, from):
                return CompileRecord(from, to, reader, out reason);
            case (AvroArray from, AvroArray):
                return Compile(from.Items, reader.Parts[0], out reason) is { } items ? new ListStep(items, (ListSink)reader.Sink) : null;
            case (AvroMap from, AvroMap):
                return Compile(from.Values, reader.Parts[0], out reason) is { } values ? new MapStep(values, reader.Keys!, reader.Entries!, (ListSink)reader.Sink) : null;
            case (AvroEnum from, AvroEnum to) when SchemaCompatibility.SameName(to, from):
                return new SymbolStep(
                    [.. from.Symbols.Select(symbol => to.Symbols.Contains(symbol, StringComparer.Ordinal) ? symbol : to.Default).Select(symbol => symbol is null ? null : Encoding.UTF8.GetBytes(symbol))],
                    (BinarySink)reader.Sink);
        }

        if (ScalarReaders.Physical(writer, reader.Schema) is not { } physical)
        {
            reason = $"found type {writer} of the writer, which cannot be read as {reader.Schema}";
            return null;
        }

        var size = (reader.Schema as AvroFixed)?.Size ?? 0;
        return reader.Sink switch
        {
            BooleanSink sink => new BooleanStep(sink),
            FixedSink<int> sink => new FixedStep<int>((ValueReader<int>)physical, sink),
            FixedSink<long> sink => new FixedStep<long>((ValueReader<long>)physical, sink),
            FixedSink<float> sink => new FixedStep<float>((ValueReader<float>)physical, sink),
            FixedSink<double> sink => new FixedStep<double>((ValueReader<double>)physical, sink),
            DecimalSink sink => new DecimalStep(sink, size, reader.Schema.Precision, reader.Schema.Scale),
            _ => new BinaryStep((BinarySink)reader.Sink, reader.Schema.Kind == AvroKind.String, size),
        };
    }

    private static RecordStep? CompileRecord(AvroRecord writer, AvroRecord reader, ArrowShape shape, out string reason)
    {
        reason = "";
        var match = FieldMatch.Of(writer, reader);
        var steps = new List<(string, ArrowStep)>();
        for (var i = 0; i < writer.Fields.Count; i++)
        {
            var field = writer.Fields[i];
            var step = match.ReaderOf(i) is >= 0 and var at ? Compile(field.Schema, shape.Parts[at], out reason) : new SkippingStep(field.Schema);
            if (step is null)
            {
                reason = $"field '{field.Name}': {reason}";
                return null;
            }

            steps.Add((field.Name, step));
        }

        foreach (var at in match.Missing)
        {
            var field = reader.Fields[at];
            if (field.Default is not { } fallback)
            {
                reason = $"found no field '{field.Name}' of {writer} in the writer's schema, and no default for it";
                return null;
            }

            var bytes = new ArrayBufferWriter<byte>();
            new AvroJsonEncoder(bytes, tagged: false).Write(field.Schema, fallback, field.Name);
            steps.Add((field.Name, new DefaultStep(Compile(field.Schema, shape.Parts[at], out reason)!, bytes.WrittenSpan.ToArray())));
        }

        reason = "";
        return new RecordStep([.. steps], (StructSink)shape.Sink);
    }
}
