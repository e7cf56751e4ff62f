using System.Linq.Expressions;
using System.Reflection;
using Apache.Arrow;

namespace RealTimeMesh.DeltaLake;

/// <summary>Makes objects of Arrow rows: a constructor whose parameters are columns, or settable properties. Compiled once, then no reflection.</summary>
internal sealed class RowReader<T>
{
    private readonly string _table;
    private readonly IReadOnlyList<RowMember> _members;
    private readonly Func<IValueReader[], int, T> _make;
    private IValueReader[] _readers = [];
    private Schema? _schema;
    private int[] _columns = [];

    private RowReader(string table, IReadOnlyList<RowMember> members, Func<IValueReader[], int, T> make) => (_table, _members, _make) = (table, members, make);

    /// <summary>The columns that the type asks for.</summary>
    public IReadOnlyList<string> Columns => [.. _members.Select(member => member.Name)];

    public static RowReader<T> Create(string table)
    {
        var (constructor, members) = RowMember.Of(typeof(T))
            ?? throw new DeltaException(table, $"rows cannot be read as {typeof(T).Name}: it has no public constructor that names columns and no settable properties; expected a record or a class with one of them.");
        var readers = Expression.Parameter(typeof(IValueReader[]), "readers");
        var row = Expression.Parameter(typeof(int), "row");
        var values = members.Select((member, i) => (Expression)Expression.Call(
            Expression.Convert(Expression.ArrayIndex(readers, Expression.Constant(i)), typeof(ValueReader<>).MakeGenericType(member.Type)), "Read", null, row)).ToList();
        var parameters = constructor?.GetParameters().Length ?? 0;
        Expression body = constructor is null ? Expression.New(typeof(T)) : Expression.New(constructor, values.Take(parameters));
        var bindings = members.Skip(parameters).Select((member, i) => (MemberBinding)Expression.Bind(member.Property!, values[parameters + i])).ToList();
        if (bindings.Count > 0)
            body = Expression.MemberInit((NewExpression)body, bindings);
        return new RowReader<T>(table, members, Expression.Lambda<Func<IValueReader[], int, T>>(body, readers, row).Compile());
    }

    public void Bind(RecordBatch batch)
    {
        if (!ReferenceEquals(_schema, batch.Schema))
        {
            _schema = batch.Schema;
            _columns = [.. _members.Select(member => ColumnOf(batch.Schema, member))];
            _readers = [.. _members.Select((member, i) => ReaderOf(batch.Schema.GetFieldByIndex(_columns[i]), member))];
        }

        for (var i = 0; i < _readers.Length; i++)
            _readers[i].Bind(batch.Column(_columns[i]));
    }

    public T Read(int row) => _make(_readers, row);

    private int ColumnOf(Schema schema, RowMember member)
    {
        for (var i = 0; i < schema.FieldsList.Count; i++)
        {
            if (string.Equals(schema.FieldsList[i].Name, member.Name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new DeltaException(_table, $"rows cannot be read as {typeof(T).Name}: there is no column '{member.Name}'; expected one of {string.Join(", ", schema.FieldsList.Select(field => field.Name))}; rename the member or select the column.");
    }

    private IValueReader ReaderOf(Field field, RowMember member)
    {
        try
        {
            return ValueReaders.For(field.DataType, member.Type, member.Nullable, member.Name);
        }
        catch (NotSupportedException exception)
        {
            throw new DeltaException(_table, $"rows cannot be read as {typeof(T).Name}: column '{field.Name}' is {field.DataType.Name}; {exception.Message}", exception);
        }
    }
}

/// <summary>A constructor parameter or a property that takes a column.</summary>
internal sealed record RowMember(string Name, Type Type, bool Nullable, PropertyInfo? Property)
{
    /// <summary>The constructor with the most parameters that is not a copy constructor, then the properties it does not set; null where there is neither.</summary>
    public static (ConstructorInfo? Constructor, IReadOnlyList<RowMember> Members)? Of(Type type)
    {
        var context = new NullabilityInfoContext();
        var constructor = type.GetConstructors()
            .Where(item => item.GetParameters() is not [{ } only] || only.ParameterType != type)
            .OrderByDescending(item => item.GetParameters().Length).FirstOrDefault();
        if (constructor is null && !type.IsValueType)
            return null;
        List<RowMember> members = [.. (constructor?.GetParameters() ?? []).Select(item =>
            new RowMember(item.Name!, item.ParameterType, IsNullable(item.ParameterType, context.Create(item)), null))];
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && !members.Any(item => string.Equals(item.Name, property.Name, StringComparison.OrdinalIgnoreCase)))
                members.Add(new RowMember(property.Name, property.PropertyType, IsNullable(property.PropertyType, context.Create(property)), property));
        }

        return members.Count == 0 ? null : (constructor is { } found && found.GetParameters().Length > 0 ? found : null, members);
    }

    private static bool IsNullable(Type type, NullabilityInfo info) =>
        type.IsValueType ? System.Nullable.GetUnderlyingType(type) is not null : info.WriteState != NullabilityState.NotNull;
}
