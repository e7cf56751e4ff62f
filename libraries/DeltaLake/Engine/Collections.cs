using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Types;
using ArrowMap = Apache.Arrow.Types.MapType;
using ArrowStruct = Apache.Arrow.Types.StructType;

namespace RealTimeMesh.DeltaLake;

/// <summary>Readers of structs, lists and maps. As in <see cref="Scalars"/>.</summary>
internal static class Collections
{
    private static readonly MethodInfo s_list = typeof(Collections).GetMethod(nameof(List), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo s_map = typeof(Collections).GetMethod(nameof(Map), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo s_struct = typeof(Collections).GetMethod(nameof(Struct), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static readonly MethodInfo s_cast = typeof(Collections).GetMethod(nameof(CastTo), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static Delegate? For(IArrowType type, Type target, string name)
    {
        switch (type)
        {
            case ArrowMap map when ArgumentsOf(target, typeof(Dictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)) is [{ } key, { } value]:
                return Make(s_map, [key, value], map, target, name);
            case ListType list when target.IsArray || ArgumentsOf(target, typeof(List<>), typeof(IReadOnlyList<>), typeof(IList<>), typeof(IEnumerable<>), typeof(IReadOnlyCollection<>)) is [_]:
                return Make(s_list, [target.IsArray ? target.GetElementType()! : target.GetGenericArguments()[0]], list, target, name);
            case ArrowStruct structure when RowMember.Of(target) is not null:
                return Make(s_struct, [target], structure, target, name);
            default:
                return null;
        }
    }

    private static Delegate Make(MethodInfo method, Type[] arguments, IArrowType type, Type target, string name)
    {
        try
        {
            return (Delegate)method.MakeGenericMethod(arguments).Invoke(null, [type, target, name])!;
        }
        catch (TargetInvocationException exception) when (exception.InnerException is NotSupportedException fault)
        {
            throw new NotSupportedException(fault.Message, fault);
        }
    }

    private static Type[]? ArgumentsOf(Type target, params Type[] definitions) =>
        target.IsGenericType && definitions.Contains(target.GetGenericTypeDefinition()) ? target.GetGenericArguments() : null;

    private static Delegate List<T>(ListType type, Type target, string name)
    {
        var reader = (ValueReader<T>)ValueReaders.For(type.ValueDataType, typeof(T), nullable: true, $"{name}.element");
        return target.IsArray ? new Func<IArrowArray, Func<int, T[]>>(Bind) : Cast<T[]>(target, Bind, items => items.ToList());

        Func<int, T[]> Bind(IArrowArray item)
        {
            var array = (ListArray)item;
            reader.Bind(array.Values);
            return row =>
            {
                var first = array.ValueOffsets[row];
                var items = new T[array.GetValueLength(row)];
                for (var i = 0; i < items.Length; i++)
                    items[i] = reader.Read(first + i);
                return items;
            };
        }
    }

    private static Delegate Map<TKey, TValue>(ArrowMap type, Type target, string name)
        where TKey : notnull
    {
        var keys = (ValueReader<TKey>)ValueReaders.For(type.KeyField.DataType, typeof(TKey), nullable: false, $"{name}.key");
        var values = (ValueReader<TValue>)ValueReaders.For(type.ValueField.DataType, typeof(TValue), nullable: true, $"{name}.value");
        return Cast<Dictionary<TKey, TValue>>(target, Bind, items => items);

        Func<int, Dictionary<TKey, TValue>> Bind(IArrowArray item)
        {
            var array = (MapArray)item;
            keys.Bind(array.Keys);
            values.Bind(array.Values);
            return row =>
            {
                var (first, count) = (array.ValueOffsets[row], array.GetValueLength(row));
                var result = new Dictionary<TKey, TValue>(count);
                for (var i = first; i < first + count; i++)
                    result[keys.Read(i)] = values.Read(i);
                return result;
            };
        }
    }

    private static Delegate Struct<T>(ArrowStruct type, Type target, string name)
    {
        var rows = RowReader<T>.Create(name);
        var schema = new Schema(type.Fields, []);
        return new Func<IArrowArray, Func<int, T>>(item =>
        {
            var array = (StructArray)item;
            rows.Bind(new RecordBatch(schema, array.Fields, array.Length));
            return rows.Read;
        });
    }

    /// <summary>A reader of the declared type, which may be an interface of what is made.</summary>
    private static Delegate Cast<TMade>(Type target, Func<IArrowArray, Func<int, TMade>> bind, Func<TMade, object> convert) =>
        (Delegate)s_cast.MakeGenericMethod(typeof(TMade), target).Invoke(null, [bind, convert])!;

    private static Func<IArrowArray, Func<int, T>> CastTo<TMade, T>(Func<IArrowArray, Func<int, TMade>> bind, Func<TMade, object> convert) => array =>
    {
        var read = bind(array);
        return row => (T)convert(read(row));
    };
}
