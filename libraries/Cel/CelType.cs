namespace RealTimeMesh.Cel;

/// <summary>A static type. What comes of an event is <see cref="Dyn"/>, which fits everywhere; the rest is known before evaluation.</summary>
internal sealed record CelType(string Name, CelType? First = null, CelType? Second = null)
{
    public static readonly CelType Dyn = new("dyn");
    public static readonly CelType Null = new("null");
    public static readonly CelType Bool = new("bool");
    public static readonly CelType Int = new("int");
    public static readonly CelType Uint = new("uint");
    public static readonly CelType Double = new("double");
    public static readonly CelType String = new("string");
    public static readonly CelType Bytes = new("bytes");
    public static readonly CelType Timestamp = new("timestamp");
    public static readonly CelType Duration = new("duration");
    public static readonly CelType Type = new("type");

    private static readonly Dictionary<string, CelType> Simple =
        new[] { Dyn, Null, Bool, Int, Uint, Double, String, Bytes, Timestamp, Duration, Type }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    public bool IsDyn => Name == "dyn";

    public bool IsList => Name == "list";

    public bool IsMap => Name == "map";

    /// <summary>A, B: any type, the same wherever the name stands in a signature.</summary>
    public bool IsParameter => Name.Length == 1;

    public static CelType List(CelType item) => new("list", item);

    public static CelType Map(CelType key, CelType value) => new("map", key, value);

    public static CelType Of(CelKind kind) => kind switch
    {
        CelKind.Null => Null,
        CelKind.Bool => Bool,
        CelKind.Int => Int,
        CelKind.Uint => Uint,
        CelKind.Double => Double,
        CelKind.String => String,
        CelKind.Bytes => Bytes,
        CelKind.Timestamp => Timestamp,
        CelKind.Duration => Duration,
        CelKind.Type => Type,
        _ => Dyn,
    };

    /// <summary>Reads <c>int</c>, <c>list(A)</c>, <c>map(A;B)</c>.</summary>
    public static CelType Parse(string text)
    {
        if (text.StartsWith("list(", StringComparison.Ordinal))
            return List(Parse(text[5..^1]));
        if (text.StartsWith("map(", StringComparison.Ordinal))
            return text[4..^1].Split(';') is [var key, var value] ? Map(Parse(key), Parse(value)) : throw new ArgumentException(text, nameof(text));
        return Simple.TryGetValue(text, out var simple) ? simple : new CelType(text);
    }

    /// <summary>The type of values that are of either type.</summary>
    public static CelType Join(CelType left, CelType right) => left == right ? left : Dyn;

    /// <summary>Whether a value of this type fits, binding the signature's parameters.</summary>
    public bool Fits(CelType wanted, Dictionary<string, CelType> bindings)
    {
        if (wanted.IsParameter)
        {
            if (!bindings.TryGetValue(wanted.Name, out var bound))
            {
                bindings[wanted.Name] = this;
                return true;
            }

            if (bound.IsDyn)
                return true;
            wanted = bound;
        }

        if (IsDyn || wanted.IsDyn)
            return true;
        return Name == wanted.Name
            && (First is null || wanted.First is null || First.Fits(wanted.First, bindings))
            && (Second is null || wanted.Second is null || Second.Fits(wanted.Second, bindings));
    }

    /// <summary>This type with parameters replaced by what they are bound to.</summary>
    public CelType With(Dictionary<string, CelType> bindings) =>
        IsParameter ? bindings.GetValueOrDefault(Name, Dyn) : First is null ? this : new CelType(Name, First.With(bindings), Second?.With(bindings));

    public override string ToString() => Second is not null ? $"{Name}({First}, {Second})" : First is not null ? $"{Name}({First})" : Name;
}
