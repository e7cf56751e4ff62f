using System.Text.Json;

namespace RealTimeMesh.Cel;

/// <summary>Lists and maps, whether of the event or of the expression.</summary>
internal static class CelCollections
{
    public static int Count(in CelValue value) => value switch
    {
        { Items: { } items } => items.Length,
        { Entries: { } entries } => entries.Count,
        { Kind: CelKind.List } => value.Json.GetArrayLength(),
        _ => value.Json.GetPropertyCount(),
    };

    /// <summary>The elements of a list, the keys of a map.</summary>
    public static CelEnumerator Enumerate(in CelValue value) => new(value);

    /// <summary>The value of a key, or null.</summary>
    public static CelValue? Find(in CelValue map, in CelValue key)
    {
        if (map.Entries is { } entries)
            return entries.TryGetValue(key, out var value) ? value : null;
        return key.Kind == CelKind.String && map.Json.TryGetProperty(key.AsString, out var property) ? CelValue.Of(property) : null;
    }

    /// <summary>The element at an index, the value of a key, or an error.</summary>
    public static CelValue Index(in CelValue value, in CelValue key)
    {
        switch (value.Kind)
        {
            case CelKind.Map:
                if (key.Kind is not (CelKind.Bool or CelKind.String) && !key.IsNumber)
                    return CelErrors.NoOverload;
                return Find(value, key) ?? CelErrors.NoKey(CelTypes.Show(key));
            case CelKind.List:
                if (Place(key) is not { } place)
                    return CelValue.Error($"unsupported index value '{CelTypes.Show(key)}' in list");
                if (place < 0 || place >= Count(value))
                    return CelErrors.OutOfBounds(CelTypes.Show(key));
                return value.Items is { } items ? items[place] : CelValue.Of(value.Json[(int)place]);
            default:
                return CelErrors.NoOverload;
        }
    }

    public static bool Contains(in CelValue collection, in CelValue item)
    {
        if (collection.Kind == CelKind.Map)
            return Find(collection, item) is not null;
        foreach (var other in Enumerate(collection))
        {
            if (CelEquality.AreEqual(item, other))
                return true;
        }

        return false;
    }

    public static CelValue Concatenate(in CelValue left, in CelValue right)
    {
        var items = new CelValue[Count(left) + Count(right)];
        var next = 0;
        foreach (var item in Enumerate(left))
            items[next++] = item;
        foreach (var item in Enumerate(right))
            items[next++] = item;
        return CelValue.List(items);
    }

    /// <summary>Doubles are indexes too where they are whole: numbers of an event are.</summary>
    private static long? Place(in CelValue key) => key.Kind switch
    {
        CelKind.Int => key.AsInt,
        CelKind.Uint => key.AsUint <= long.MaxValue ? key.AsInt : long.MaxValue,
        CelKind.Double when double.IsInteger(key.AsDouble) && Math.Abs(key.AsDouble) < long.MaxValue => (long)key.AsDouble,
        _ => null,
    };
}

/// <summary>Goes over the elements of a list or the keys of a map.</summary>
internal struct CelEnumerator
{
    private readonly CelValue[]? _items;
    private readonly bool _isArray;
    private Dictionary<CelValue, CelValue>.KeyCollection.Enumerator _keys;
    private JsonElement.ArrayEnumerator _array;
    private JsonElement.ObjectEnumerator _object;
    private int _place;

    public CelEnumerator(in CelValue value)
    {
        _items = value.Items;
        _place = _items is null ? value.Entries is null ? -1 : -2 : -1;
        if (_items is not null)
            return;
        if (value.Entries is { } entries)
        {
            _keys = entries.Keys.GetEnumerator();
            return;
        }

        _isArray = value.Kind == CelKind.List;
        if (_isArray)
            _array = value.Json.EnumerateArray();
        else
            _object = value.Json.EnumerateObject();
    }

    public readonly CelValue Current
    {
        get
        {
            if (_items is not null)
                return _items[_place];
            if (_place == -2)
                return _keys.Current;
            return _isArray ? CelValue.Of(_array.Current) : CelValue.String(_object.Current.Name);
        }
    }

    public readonly CelEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_items is not null)
            return ++_place < _items.Length;
        if (_place == -2)
            return _keys.MoveNext();
        return _isArray ? _array.MoveNext() : _object.MoveNext();
    }
}
