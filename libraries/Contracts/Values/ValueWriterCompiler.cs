using System.Buffers;
using System.Reflection;

namespace RealTimeMesh.Contracts.Values;

/// <summary>Makes writers of types of .NET.</summary>
internal sealed class ValueWriterCompiler
{
    private static readonly MethodInfo s_record = Method(nameof(CompileRecord));
    private static readonly MethodInfo s_part = Method(nameof(MakePart));
    private static readonly MethodInfo s_enum = Method(nameof(CompileEnum));

    private readonly Dictionary<(AvroSchema Schema, Type Source), object> _records = [];
    private readonly GenericWriterCompiler _generic = new();

    private ValueWriterCompiler()
    {
    }

    /// <summary>Throws <see cref="ContractException"/> where the type cannot give the schema's values.</summary>
    public static ValueWriter<T> Compile<T>(AvroSchema schema) => (ValueWriter<T>)new ValueWriterCompiler().Compile(schema, typeof(T), "");

    private object Compile(AvroSchema schema, Type source, string path)
    {
        if (source == typeof(object))
            return _generic.Compile(schema);

        if (source == typeof(AvroRecordValue))
            return new GenericAsWriter<AvroRecordValue>(_generic.Compile(schema));

        if (schema is AvroUnion union)
            return CompileUnion(union, source, path);

        if (Nullable.GetUnderlyingType(source) is { } inner)
            return Make(typeof(PresentWriter<>), [inner], Compile(schema, inner, path));

        return TryCompile(schema, source, path)
            ?? throw Fault(path, $"type {schema}{(schema.LogicalType is { } logical ? $" ({logical})" : "")}", $"one that {source} can give", "Change the property's type or the schema.");
    }

    private object? TryCompile(AvroSchema schema, Type source, string path) => schema switch
    {
        AvroRecord record => ClrTypes.IsRecord(source) ? s_record.MakeGenericMethod(source).Invoke(this, BindingFlags.DoNotWrapExceptions, null, [record, path], null) : null,
        AvroArray array => ClrTypes.ItemOf(source) is { } item ? Make(typeof(ListWriter<,>), [source, item], Compile(array.Items, item, path + "[]")) : null,
        AvroMap map => ClrTypes.MapValueOf(source) is { } value ? Make(typeof(MapWriter<,>), [source, value], Compile(map.Values, value, path + "[]")) : null,
        AvroEnum symbols when source == typeof(string) =>
            new SymbolWriter<string>(symbols.Symbols.Select((symbol, i) => (symbol, i)).ToDictionary(pair => pair.symbol, pair => pair.i, StringComparer.Ordinal), symbols),
        AvroEnum symbols => source.IsEnum ? s_enum.MakeGenericMethod(source).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [symbols, path], null) : null,
        { Kind: AvroKind.Null } => ClrTypes.AdmitsNull(source) ? Make(typeof(NullWriter<>), [source]) : null,
        _ => ScalarWriting.Of(schema, source),
    };

    private object CompileUnion(AvroUnion union, Type source, string path)
    {
        var nullBranch = IndexOf(union, branch => branch.Kind == AvroKind.Null);
        var inner = Nullable.GetUnderlyingType(source);
        for (var i = 0; i < union.Branches.Count; i++)
        {
            if (i == nullBranch || !Suits(union.Branches[i], inner ?? source))
                continue;

            var writer = Compile(union.Branches[i], inner ?? source, path);
            return inner is null
                ? Make(typeof(UnionWriter<>), [source], writer, nullBranch, i)
                : Make(typeof(NullableUnionWriter<>), [inner], writer, nullBranch, i);
        }

        throw Fault(path, $"union [{string.Join(", ", union.Branches)}]", $"a branch that {source} can give", "Change the property's type (object holds any branch), or the schema.");
    }

    private static bool Suits(AvroSchema branch, Type source) => branch switch
    {
        AvroRecord => ClrTypes.IsRecord(source),
        AvroArray => ClrTypes.ItemOf(source) is not null,
        AvroMap => ClrTypes.MapValueOf(source) is not null,
        AvroEnum => source.IsEnum || source == typeof(string),
        _ => ScalarWriting.Of(branch, source) is not null,
    };

    private RecordWriter<T> CompileRecord<T>(AvroRecord schema, string path)
    {
        if (_records.TryGetValue((schema, typeof(T)), out var known))
            return (RecordWriter<T>)known;

        var writer = new RecordWriter<T>(schema);
        _records[(schema, typeof(T))] = writer;
        writer.Complete([.. schema.Fields.Select(field => Part<T>(field, path.Length == 0 ? field.Name : $"{path}.{field.Name}"))]);
        return writer;
    }

    private RecordPart<T> Part<T>(AvroField field, string path)
    {
        if (ClrTypes.PropertyOf(typeof(T), field.Name) is { } property)
            return (RecordPart<T>)s_part.MakeGenericMethod(typeof(T), property.PropertyType)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [field.Name, property, Compile(field.Schema, property.PropertyType, path)], null)!;

        if (field.Default is not { } fallback)
            throw Fault(path, $"no property of {typeof(T)}", "a property of this name, or a default in the schema", $"Add the property, or put [AvroName(\"{field.Name}\")] on the one that is meant.");

        var bytes = new ArrayBufferWriter<byte>();
        new AvroJsonEncoder(bytes, tagged: false).Write(field.Schema, fallback, path);
        return new ConstantPart<T>(field.Name, bytes.WrittenSpan.ToArray());
    }

    private static FieldPart<T, TValue> MakePart<T, TValue>(string name, PropertyInfo property, ValueWriter<TValue> writer) =>
        new(name, ClrTypes.GetterOf<T, TValue>(property), writer);

    private static SymbolWriter<T> CompileEnum<T>(AvroEnum schema, string path)
        where T : struct, Enum
    {
        var ordinals = new Dictionary<T, int>();
        foreach (var value in Enum.GetValues<T>())
        {
            var name = value.ToString();
            var ordinal = IndexOf(schema.Symbols, symbol => symbol == name);
            if (ordinal < 0)
                ordinal = IndexOf(schema.Symbols, symbol => symbol.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));

            if (ordinal >= 0)
                ordinals[value] = ordinal;
        }

        return ordinals.Count > 0
            ? new SymbolWriter<T>(ordinals, schema)
            : throw Fault(path, $"no value of {typeof(T)} among the symbols {string.Join(", ", schema.Symbols)}", "values named as the symbols", "Rename them.");
    }

    private static int IndexOf(AvroUnion union, Predicate<AvroSchema> wanted) => IndexOf(union.Branches, wanted);

    private static int IndexOf<T>(IReadOnlyList<T> items, Predicate<T> wanted)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (wanted(items[i]))
                return i;
        }

        return -1;
    }

    private static ContractException Fault(string path, string found, string expected, string cure) =>
        new($"{(path.Length == 0 ? "schema" : $"field '{path}'")}: found {found}; expected {expected}. {cure}");

    private static object Make(Type type, Type[] arguments, params object[] parameters) => Activator.CreateInstance(type.MakeGenericType(arguments), parameters)!;

    private static MethodInfo Method(string name) => typeof(ValueWriterCompiler).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!;
}
