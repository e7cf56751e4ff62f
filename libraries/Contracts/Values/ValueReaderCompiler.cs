using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Resolves a writer's schema against a reader's (Avro 1.12, "Schema Resolution") into steps that read into types of .NET.</summary>
internal sealed class ValueReaderCompiler
{
    private static readonly Type s_generic = typeof(object);
    private static readonly MethodInfo s_record = Method(nameof(CompileRecord));
    private static readonly MethodInfo s_step = Method(nameof(MakeStep));

    private readonly Dictionary<(AvroSchema Writer, AvroSchema Reader, Type Target), object?> _records = [];
    private string _reason = "";

    private ValueReaderCompiler()
    {
    }

    /// <summary>Throws <see cref="ContractException"/> where nothing of the writer can be read.</summary>
    public static ValueReader<T> Compile<T>(AvroSchema writer, AvroSchema reader)
    {
        var compiler = new ValueReaderCompiler();
        return compiler.Compile(writer, reader, typeof(T)) is { } compiled
            ? (ValueReader<T>)compiled
            : throw new ContractException($"schema {reader}: {compiler._reason}. Read with a schema and a type that can hold what is written.");
    }

    private object? Compile(AvroSchema writer, AvroSchema reader, Type target)
    {
        // The generic form by the name of its records.
        if (target == typeof(AvroRecordValue))
            return Compile(writer, reader, s_generic) is ValueReader<object?> generic ? new CastingReader<AvroRecordValue>(generic) : null;

        if (writer is AvroUnion writers)
            return CompileUnion(writers, reader, target);

        if (reader is AvroUnion readers)
            return CompileBranch(writer, readers, target);

        if (writer.Kind == AvroKind.Null && reader.Kind == AvroKind.Null)
            return ClrTypes.AdmitsNull(target) ? Make(typeof(NullReader<>), [target]) : Refuse($"null, which {target} does not admit");

        if (Nullable.GetUnderlyingType(target) is { } inner)
            return Compile(writer, reader, inner) is { } value ? Make(typeof(NullableReader<>), [inner], value) : null;

        return (writer, reader) switch
        {
            (AvroRecord from, AvroRecord to) when SchemaCompatibility.SameName(to, from) => CompileRecordOf(from, to, target),
            (AvroEnum from, AvroEnum to) when SchemaCompatibility.SameName(to, from) => CompileEnum(from, to, target),
            (AvroArray from, AvroArray to) => CompileArray(from, to, target),
            (AvroMap from, AvroMap to) => CompileMap(from, to, target),
            _ => CompileScalar(writer, reader, target),
        };
    }

    private object? CompileUnion(AvroUnion writers, AvroSchema reader, Type target)
    {
        var branches = Array.CreateInstance(typeof(ValueReader<>).MakeGenericType(target), writers.Branches.Count);
        var readable = false;
        for (var i = 0; i < branches.Length; i++)
        {
            var branch = Compile(writers.Branches[i], reader, target);
            readable |= branch is not null;
            branches.SetValue(branch ?? Make(typeof(RefusingReader<>), [target], _reason), i);
        }

        return readable || branches.Length == 0 ? Make(typeof(UnionReader<>), [target], branches) : null;
    }

    /// <summary>
    /// The reader's first branch that matches; one of the same name or kind before others, so that a value which the same
    /// union wrote stays in its branch.
    /// </summary>
    private object? CompileBranch(AvroSchema writer, AvroUnion readers, Type target)
    {
        var ordered = readers.Branches.OrderBy(branch => branch is AvroNamed named && writer is AvroNamed other && named.FullName == other.FullName ? 0 : branch.Kind == writer.Kind ? 1 : 2);
        foreach (var branch in ordered)
        {
            if (Compile(writer, branch, target) is { } found)
                return found;
        }

        return readers.Branches.Count == 1 ? null : Refuse($"type {writer} of the writer, which no branch of the reader's union [{string.Join(", ", readers.Branches)}] can hold as {target.Name}");
    }

    private object? CompileScalar(AvroSchema writer, AvroSchema reader, Type target)
    {
        if (ScalarReaders.Physical(writer, reader) is not { } physical)
            return Refuse($"type {writer} of the writer, which cannot be read as {reader}");

        return (target == typeof(object) ? ScalarReaders.Generic(physical, reader) : ScalarReaders.As(physical, reader, target))
            ?? Refuse($"type {reader}{(reader.LogicalType is { } logical ? $" ({logical})" : "")}, which {target} cannot hold");
    }

    private object? CompileEnum(AvroEnum writer, AvroEnum reader, Type target)
    {
        var symbols = writer.Symbols.Select(symbol => reader.Symbols.Contains(symbol, StringComparer.Ordinal) ? symbol : reader.Default).ToList();
        var known = symbols.Select(symbol => symbol is not null).ToArray();
        if (target == typeof(object))
            return new SymbolReader<object?>([.. symbols.Select(symbol => symbol is null ? null : new AvroSymbol(reader.FullName, symbol))], known, writer);

        if (target == typeof(string))
            return new SymbolReader<string>([.. symbols.Select(symbol => symbol ?? "")], known, writer);

        if (!target.IsEnum)
            return Refuse($"type {reader}, which {target} cannot hold");

        var values = Array.CreateInstance(target, symbols.Count);
        for (var i = 0; i < symbols.Count; i++)
        {
            if (symbols[i] is not { } symbol)
                continue;

            if (!Enum.TryParse(target, symbol, ignoreCase: false, out var value) && !Enum.TryParse(target, symbol.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out value))
                return Refuse($"symbol '{symbol}' of {reader}, which {target} does not have");

            values.SetValue(value, i);
        }

        return Make(typeof(SymbolReader<>), [target], values, known, writer);
    }

    private object? CompileArray(AvroArray writer, AvroArray reader, Type target)
    {
        var item = target == typeof(object) ? typeof(object) : ClrTypes.ItemOf(target);
        if (item is null)
            return Refuse($"an array, which {target} cannot hold");

        if (Compile(writer.Items, reader.Items, item) is not { } items)
            return RefusedIn("[]");

        return target.IsArray ? Make(typeof(ArrayReader<>), [item], items) : As(typeof(List<>).MakeGenericType(item), target, Make(typeof(ListReader<>), [item], items));
    }

    private object? CompileMap(AvroMap writer, AvroMap reader, Type target)
    {
        var value = target == typeof(object) ? typeof(object) : ClrTypes.MapValueOf(target);
        if (value is null)
            return Refuse($"a map, which {target} cannot hold");

        return Compile(writer.Values, reader.Values, value) is { } values
            ? As(typeof(Dictionary<,>).MakeGenericType(typeof(string), value), target, Make(typeof(MapReader<>), [value], values))
            : RefusedIn("[]");
    }

    private object? CompileRecordOf(AvroRecord writer, AvroRecord reader, Type target)
    {
        if (target != typeof(object) && !ClrTypes.IsRecord(target))
            return Refuse($"type {reader}, which {target} cannot hold");

        if (_records.TryGetValue((writer, reader, target), out var known))
            return known ?? Refuse($"type {reader}, which cannot be read");

        return s_record.MakeGenericMethod(target).Invoke(this, BindingFlags.DoNotWrapExceptions, null, [writer, reader], null);
    }

    private RecordReader<T>? CompileRecord<T>(AvroRecord writer, AvroRecord reader)
    {
        var create = typeof(T) == typeof(object) ? (Func<T>)(object)new Func<object>(() => new AvroRecordValue(reader)) : ClrTypes.Creator<T>();
        var compiled = new RecordReader<T>(create);
        _records[(writer, reader, typeof(T))] = compiled;
        if (TrySteps<T>(writer, reader, out var steps))
        {
            compiled.Complete(steps);
            return compiled;
        }

        compiled.Refuse(_reason);
        _records[(writer, reader, typeof(T))] = null;
        return null;
    }

    private bool TrySteps<T>(AvroRecord writer, AvroRecord reader, [NotNullWhen(true)] out List<RecordStep<T>>? steps)
    {
        steps = null;
        var found = new List<RecordStep<T>>();
        var match = FieldMatch.Of(writer, reader);
        for (var i = 0; i < writer.Fields.Count; i++)
        {
            var field = writer.Fields[i];
            var ordinal = match.ReaderOf(i);
            if (ordinal < 0 || TargetOf(typeof(T), reader.Fields[ordinal]) is not { } target)
            {
                found.Add(new SkipStep<T>(field.Name, field.Schema));
                continue;
            }

            if (Compile(field.Schema, reader.Fields[ordinal].Schema, target) is not { } value)
            {
                RefusedIn(field.Name);
                return false;
            }

            found.Add(Step<T>(reader, ordinal, target, value, null));
        }

        foreach (var ordinal in match.Missing)
        {
            var field = reader.Fields[ordinal];
            if (field.Default is not { } fallback)
            {
                Refuse($"no field '{field.Name}' of {writer} in the writer's schema, and no default for it");
                return false;
            }

            if (TargetOf(typeof(T), field) is not { } target)
                continue;

            if (Compile(field.Schema, field.Schema, target) is not { } value)
            {
                RefusedIn(field.Name);
                return false;
            }

            var bytes = new ArrayBufferWriter<byte>();
            new AvroJsonEncoder(bytes, tagged: false).Write(field.Schema, fallback, field.Name);
            found.Add(Step<T>(reader, ordinal, target, value, bytes.WrittenSpan.ToArray()));
        }

        steps = found;
        return true;
    }

    private static Type? TargetOf(Type record, AvroField field) =>
        record == typeof(object) ? typeof(object) : ClrTypes.PropertyOf(record, field.Name)?.PropertyType;

    private static RecordStep<T> Step<T>(AvroRecord reader, int ordinal, Type target, object value, byte[]? fallback) =>
        (RecordStep<T>)s_step.MakeGenericMethod(typeof(T), target).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [reader, ordinal, value, fallback], null)!;

    private static RecordStep<T> MakeStep<T, TValue>(AvroRecord reader, int ordinal, ValueReader<TValue> value, byte[]? fallback)
    {
        var name = reader.Fields[ordinal].Name;
        Setter<T, TValue> set = typeof(T) == typeof(object)
            ? (ref T record, TValue item) => ((AvroRecordValue)(object)record!)[ordinal] = item
            : ClrTypes.SetterOf<T, TValue>(ClrTypes.PropertyOf(typeof(T), name)!);
        return fallback is null ? new FieldStep<T, TValue>(name, value, set) : new DefaultStep<T, TValue>(name, value, fallback, set);
    }

    private object? Refuse(string reason)
    {
        _reason = $"found {reason}";
        return null;
    }

    private object? RefusedIn(string part)
    {
        _reason = $"field '{part}': {_reason}";
        return null;
    }

    private static object As(Type made, Type target, object reader) => made == target ? reader : Make(typeof(UpcastReader<,>), [made, target], reader);

    private static object Make(Type type, Type[] arguments, params object[] parameters) => Activator.CreateInstance(type.MakeGenericType(arguments), parameters)!;

    private static MethodInfo Method(string name) => typeof(ValueReaderCompiler).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!;
}
