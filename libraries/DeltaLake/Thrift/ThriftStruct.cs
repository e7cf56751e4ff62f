using System.Buffers;

namespace RealTimeMesh.DeltaLake.Thrift;

/// <summary>
/// A struct of Thrift's compact protocol as its fields' bytes: what is not asked for is neither understood nor changed, so that fields
/// of newer formats survive. Values are decoded when they are asked for.
/// </summary>
internal sealed class ThriftStruct
{
    private readonly List<Field> _fields = [];

    /// <summary>Reads a struct from the start of <paramref name="data"/>; <paramref name="length"/> tells where it ends.</summary>
    public static ThriftStruct Read(ReadOnlyMemory<byte> data, out int length)
    {
        var reader = new ThriftReader(data.Span);
        var result = new ThriftStruct();
        short id = 0;
        while (reader.ReadField(ref id, out var type))
        {
            var start = reader.Position;
            if (type > ThriftType.False)
                reader.Skip(type, 0);
            result._fields.Add(new Field(id, type, data[start..reader.Position]));
        }

        length = reader.Position;
        return result;
    }

    public static ThriftStruct Read(ReadOnlyMemory<byte> data) => Read(data, out _);

    /// <summary>Another struct with the same fields.</summary>
    public ThriftStruct Copy()
    {
        var result = new ThriftStruct();
        result._fields.AddRange(_fields);
        return result;
    }

    public bool Has(short id) => IndexOf(id) >= 0;

    /// <summary>The bytes of a field's value; empty where it is absent.</summary>
    public ReadOnlyMemory<byte> Raw(short id) => IndexOf(id) is >= 0 and var at ? _fields[at].Value : default;

    /// <summary>A whole number of any width, or null.</summary>
    public long? Integer(short id)
    {
        if (IndexOf(id) is not (>= 0 and var at))
            return null;
        if (_fields[at].Type is < ThriftType.Int16 or > ThriftType.Int64)
            throw new ThriftException("a field is no whole number where one was expected");
        return new ThriftReader(_fields[at].Value.Span).ReadInteger();
    }

    /// <summary>A boolean, or null.</summary>
    public bool? Flag(short id) => IndexOf(id) is >= 0 and var at ? _fields[at].Type == ThriftType.True : null;

    /// <summary>A nested struct, or null.</summary>
    public ThriftStruct? Struct(short id) => IndexOf(id) is >= 0 and var at ? Read(Require(at, ThriftType.Struct)) : null;

    /// <summary>The structs of a list; empty where it is absent.</summary>
    public IReadOnlyList<ThriftStruct> Structs(short id)
    {
        if (IndexOf(id) is not (>= 0 and var at))
            return [];
        var data = Require(at, ThriftType.List);
        var reader = new ThriftReader(data.Span);
        var (type, count) = reader.ReadListHeader();
        if (count > 0 && type != ThriftType.Struct)
            throw new ThriftException("a list has other elements than structs where these were expected");
        var position = reader.Position;
        var result = new List<ThriftStruct>();
        for (var i = 0; i < count; i++)
        {
            result.Add(Read(data[position..], out var length));
            position += length;
        }

        return result;
    }

    /// <summary>Gives a whole number another value; one that is absent stays absent.</summary>
    public void Replace(short id, long value)
    {
        if (IndexOf(id) is not (>= 0 and var at))
            return;
        var output = new ArrayBufferWriter<byte>();
        ThriftWriter.WriteInteger(output, value);
        _fields[at] = _fields[at] with { Value = output.WrittenMemory };
    }

    public void Replace(short id, ThriftStruct value)
    {
        var output = new ArrayBufferWriter<byte>();
        value.Write(output);
        _fields[IndexOf(id)] = _fields[IndexOf(id)] with { Value = output.WrittenMemory };
    }

    public void Replace(short id, IReadOnlyList<ThriftStruct> values)
    {
        var output = new ArrayBufferWriter<byte>();
        ThriftWriter.WriteListHeader(output, ThriftType.Struct, values.Count);
        foreach (var value in values)
            value.Write(output);
        _fields[IndexOf(id)] = _fields[IndexOf(id)] with { Value = output.WrittenMemory };
    }

    public void Remove(short id) => _fields.RemoveAll(field => field.Id == id);

    public void Write(IBufferWriter<byte> output)
    {
        short last = 0;
        foreach (var field in _fields)
        {
            ThriftWriter.WriteField(output, last, field.Id, field.Type);
            output.Write(field.Value.Span);
            last = field.Id;
        }

        output.Write([(byte)ThriftType.Stop]);
    }

    private int IndexOf(short id) => _fields.FindIndex(field => field.Id == id);

    private ReadOnlyMemory<byte> Require(int at, ThriftType type) =>
        _fields[at].Type == type ? _fields[at].Value : throw new ThriftException("a field is of another type than expected");

    private readonly record struct Field(short Id, ThriftType Type, ReadOnlyMemory<byte> Value);
}
