using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RealTimeMesh.Cel;

public enum CelKind : byte
{
    /// <summary>Evaluation failed; errors are values, as <c>||</c> and <c>&amp;&amp;</c> may absorb them.</summary>
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Timestamp,
    Duration,
    Type,
}

/// <summary>
/// A value of CEL. Parts of an event stay where they are: text, lists and objects of JSON are looked at in place; its
/// numbers are doubles, as Go decodes them.
/// </summary>
public readonly struct CelValue
{
    private readonly long _bits;
    private readonly object? _object;
    private readonly JsonElement _json;

    private CelValue(CelKind kind, long bits, object? reference, JsonElement json = default, int nanos = 0)
    {
        Kind = kind;
        Nanos = nanos;
        _bits = bits;
        _object = reference;
        _json = json;
    }

    public static CelValue Null => new(CelKind.Null, 0, null);

    public static CelValue True => new(CelKind.Bool, 1, null);

    public static CelValue False => new(CelKind.Bool, 0, null);

    public CelKind Kind { get; }

    /// <summary>Of a timestamp: nanoseconds after <see cref="AsInt"/> seconds.</summary>
    public int Nanos { get; }

    public bool IsError => Kind == CelKind.Error;

    public bool IsTrue => Kind == CelKind.Bool && _bits != 0;

    public bool IsFalse => Kind == CelKind.Bool && _bits == 0;

    public bool IsNumber => Kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    /// <summary>An integer; of a timestamp seconds since 1970, of a duration nanoseconds.</summary>
    public long AsInt => _bits;

    public ulong AsUint => unchecked((ulong)_bits);

    public double AsDouble => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text; of an error, what is wrong; of a type, its name.</summary>
    public string AsString => _object is null ? _json.GetString()! : Unsafe.As<string>(_object);

    public byte[] AsBytes => Unsafe.As<byte[]>(_object!);

    /// <summary>The elements where the list was made by the expression, else null: see <see cref="Json"/>.</summary>
    public CelValue[]? Items => _object as CelValue[];

    /// <summary>The entries where the map was made by the expression, else null.</summary>
    public CelMap? Entries => _object as CelMap;

    /// <summary>The part of the event that this is.</summary>
    public JsonElement Json => _json;

    public static CelValue Error(string text) => new(CelKind.Error, 0, text);

    public static CelValue Bool(bool value) => value ? True : False;

    public static CelValue Int(long value) => new(CelKind.Int, value, null);

    public static CelValue Uint(ulong value) => new(CelKind.Uint, unchecked((long)value), null);

    public static CelValue Double(double value) => new(CelKind.Double, BitConverter.DoubleToInt64Bits(value), null);

    public static CelValue String(string value) => new(CelKind.String, 0, value);

    public static CelValue Bytes(byte[] value) => new(CelKind.Bytes, 0, value);

    public static CelValue List(CelValue[] items) => new(CelKind.List, 0, items);

    public static CelValue Map(CelMap entries) => new(CelKind.Map, 0, entries);

    public static CelValue Type(string name) => new(CelKind.Type, 0, name);

    public static CelValue Timestamp(long seconds, int nanos) => new(CelKind.Timestamp, seconds, null, nanos: nanos);

    public static CelValue Duration(long nanos) => new(CelKind.Duration, nanos, null);

    public static CelValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => new CelValue(CelKind.String, 0, null, json),
        JsonValueKind.Number => Double(json.GetDouble()),
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Array => new CelValue(CelKind.List, 0, null, json),
        JsonValueKind.Object => new CelValue(CelKind.Map, 0, null, json),
        _ => Null,
    };

    /// <summary>Compares a text without making a string of one that is still JSON.</summary>
    public bool TextEquals(in CelValue other)
    {
        if (_object is not null)
            return other._object is not null ? AsString == other.AsString : other._json.ValueEquals(AsString);
        return _json.ValueEquals(other.AsString);
    }
}
