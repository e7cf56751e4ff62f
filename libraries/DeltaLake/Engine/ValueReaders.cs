using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace RealTimeMesh.DeltaLake;

/// <summary>Which .NET types a column can be read as. Numbers may widen, never narrow.</summary>
internal static class ValueReaders
{
    private static readonly MethodInfo s_value = typeof(ValueReaders).GetMethod(nameof(Value), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo s_reference = typeof(ValueReaders).GetMethod(nameof(Reference), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>A reader of a column as a .NET type; throws <see cref="NotSupportedException"/> with what was expected.</summary>
    public static IValueReader For(IArrowType type, Type target, bool nullable, string name)
    {
        var plain = Nullable.GetUnderlyingType(target) ?? target;
        var bind = Scalars.For(type, plain) ?? Collections.For(type, plain, name)
            ?? throw new NotSupportedException($"expected {Scalars.NamesFor(type)}, found {target.Name} {name}; change the member's type, or read Arrow batches.");
        return (IValueReader)(plain.IsValueType ? s_value : s_reference).MakeGenericMethod(plain).Invoke(null, [bind, target != plain, nullable, name])!;
    }

    private static IValueReader Value<T>(Delegate bind, bool asNullable, bool nullable, string name)
        where T : struct
    {
        var typed = (Func<IArrowArray, Func<int, T>>)bind;
        if (asNullable)
        {
            return new ValueReader<T?>(array =>
            {
                var read = typed(array);
                return row => array.IsNull(row) ? null : read(row);
            });
        }

        return new ValueReader<T>(array =>
        {
            var read = typed(array);
            return array.NullCount == 0 ? read : row => array.IsNull(row) ? throw NullFault(name, typeof(T)) : read(row);
        });
    }

    private static IValueReader Reference<T>(Delegate bind, bool asNullable, bool nullable, string name)
        where T : class
    {
        var typed = (Func<IArrowArray, Func<int, T>>)bind;
        return new ValueReader<T>(array =>
        {
            var read = typed(array);
            return row => !array.IsNull(row) ? read(row) : nullable ? null! : throw NullFault(name, typeof(T));
        });
    }

    private static InvalidDataException NullFault(string name, Type type) =>
        new($"column '{name}' holds a null; expected none since the member is {type.Name}; make it nullable ({type.Name}?).");
}
