using System.Linq.Expressions;
using System.Reflection;

namespace RealTimeMesh.Contracts.Values;

/// <summary>How types of .NET hold values of Avro. Asked while a reader or writer is compiled, never for a value.</summary>
internal static class ClrTypes
{
    private static readonly Type[] ListTypes = [typeof(List<>), typeof(IReadOnlyList<>), typeof(IList<>), typeof(IReadOnlyCollection<>), typeof(ICollection<>), typeof(IEnumerable<>)];
    private static readonly Type[] MapTypes = [typeof(Dictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)];

    /// <summary>The type of a list's or array's items; null where the type is neither.</summary>
    public static Type? ItemOf(Type type) =>
        type.IsArray && type != typeof(byte[]) ? type.GetElementType()
        : type.IsGenericType && ListTypes.Contains(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()[0] : null;

    /// <summary>The type of a map's values; null where the type is no map of texts.</summary>
    public static Type? MapValueOf(Type type) =>
        type.IsGenericType && MapTypes.Contains(type.GetGenericTypeDefinition()) && type.GetGenericArguments()[0] == typeof(string) ? type.GetGenericArguments()[1] : null;

    public static bool AdmitsNull(Type type) => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;

    /// <summary>Whether a type has properties that could be fields.</summary>
    public static bool IsRecord(Type type) =>
        type != typeof(string) && type != typeof(object) && !type.IsPrimitive && !type.IsEnum && !type.IsArray && !type.IsInterface && !type.IsAbstract
        && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;

    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract");

    /// <summary>The property of a field: by its attribute, by its name, or by its name without case and underscores.</summary>
    public static PropertyInfo? PropertyOf(Type type, string field)
    {
        var properties = Properties(type).ToList();
        return properties.Find(property => property.GetCustomAttribute<AvroNameAttribute>()?.Name == field)
            ?? properties.Find(property => property.GetCustomAttribute<AvroNameAttribute>() is null && property.Name == field)
            ?? properties.Find(property => property.GetCustomAttribute<AvroNameAttribute>() is null && Plain(property.Name) == Plain(field));

        static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
    }

    /// <summary>Makes an empty instance; a positional record gets the defaults of its parameters' types.</summary>
    public static Func<T> Creator<T>()
    {
        var type = typeof(T);
        if (type.IsValueType)
            return () => default!;

        var constructor = type.GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, Type.EmptyTypes)
            ?? type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault()
            ?? throw new ContractException($"type {type}: found no public constructor; expected one. Add one.");
        return Expression.Lambda<Func<T>>(Expression.New(constructor, constructor.GetParameters().Select(parameter => Expression.Default(parameter.ParameterType)))).Compile();
    }

    public static Setter<TRecord, TValue> SetterOf<TRecord, TValue>(PropertyInfo property)
    {
        var set = property.GetSetMethod(nonPublic: true)
            ?? throw new ContractException($"type {typeof(TRecord)}: property {property.Name}: found no setter; expected one. Add 'init' or 'set'.");
        if (typeof(TRecord).IsValueType)
            return set.CreateDelegate<Setter<TRecord, TValue>>();

        var call = set.CreateDelegate<Action<TRecord, TValue>>();
        return (ref TRecord record, TValue value) => call(record, value);
    }

    public static Getter<TRecord, TValue> GetterOf<TRecord, TValue>(PropertyInfo property)
    {
        var get = property.GetGetMethod()
            ?? throw new ContractException($"type {typeof(TRecord)}: property {property.Name}: found no public getter; expected one. Add 'get'.");
        if (typeof(TRecord).IsValueType)
            return get.CreateDelegate<Getter<TRecord, TValue>>();

        var call = get.CreateDelegate<Func<TRecord, TValue>>();
        return (ref TRecord record) => call(record);
    }
}

/// <summary>Takes a value out of a record.</summary>
internal delegate TValue Getter<TRecord, out TValue>(ref TRecord record);
