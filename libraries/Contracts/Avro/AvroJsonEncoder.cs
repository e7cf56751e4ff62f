using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Writes JSON values as Avro binary.</summary>
internal sealed class AvroJsonEncoder(IBufferWriter<byte> output, bool tagged)
{
    private static readonly JsonElement Null = JsonDocument.Parse("null").RootElement;

    public void Write(AvroSchema schema, JsonElement value, string path)
    {
        switch (schema)
        {
            case AvroRecord record:
                WriteRecord(record, value, path);
                break;
            case AvroEnum symbols:
                var symbol = value.ValueKind == JsonValueKind.String ? symbols.Symbols.ToList().IndexOf(value.GetString()!) : -1;
                WriteLong(symbol >= 0 ? symbol : throw Fault(path, value, $"one of {string.Join(", ", symbols.Symbols)}"));
                break;
            case AvroArray array:
                WriteArray(array, value, path);
                break;
            case AvroMap map:
                WriteMap(map, value, path);
                break;
            case AvroUnion union:
                WriteUnion(union, value, path);
                break;
            case AvroFixed @fixed:
                var bytes = Bytes(value);
                if (bytes?.Length != @fixed.Size)
                    throw Fault(path, value, $"a text of {@fixed.Size} characters U+0000 to U+00FF");
                output.Write(bytes);
                break;
            default:
                WritePrimitive(schema.Kind, value, path);
                break;
        }
    }

    private void WritePrimitive(AvroKind kind, JsonElement value, string path)
    {
        switch (kind)
        {
            case AvroKind.Null when value.ValueKind == JsonValueKind.Null:
                break;
            case AvroKind.Boolean when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                output.Write([value.GetBoolean() ? (byte)1 : (byte)0]);
                break;
            case AvroKind.Int when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number):
                WriteLong(number);
                break;
            case AvroKind.Long when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number):
                WriteLong(number);
                break;
            case AvroKind.Float when value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number):
                BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(sizeof(float)), number);
                output.Advance(sizeof(float));
                break;
            case AvroKind.Double when value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number):
                BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), number);
                output.Advance(sizeof(double));
                break;
            case AvroKind.String when value.ValueKind == JsonValueKind.String:
                WriteBytes(Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            case AvroKind.Bytes when Bytes(value) is { } bytes:
                WriteBytes(bytes);
                break;
            default:
                throw Fault(path, value, AvroJsonFit.Describe(kind));
        }
    }

    private void WriteRecord(AvroRecord record, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Fault(path, value, $"an object of {record}");
        foreach (var property in value.EnumerateObject())
        {
            if (record.Fields.All(field => field.Name != property.Name))
                throw Fault($"{path}.{property.Name}", property.Value, $"no such field: {record} has {string.Join(", ", record.Fields.Select(field => field.Name))}");
        }

        foreach (var field in record.Fields)
        {
            if (value.TryGetProperty(field.Name, out var given))
                Write(field.Schema, given, $"{path}.{field.Name}");
            else if (field.Default is { } fallback)
                // A default is plain JSON, whatever the encoding.
                new AvroJsonEncoder(output, tagged: false).Write(field.Schema, fallback, $"{path}.{field.Name}");
            else
                throw Fault($"{path}.{field.Name}", null, "a value: the field has no default");
        }
    }

    private void WriteArray(AvroArray array, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Fault(path, value, "an array");
        if (value.GetArrayLength() > 0)
            WriteLong(value.GetArrayLength());
        var index = 0;
        foreach (var item in value.EnumerateArray())
            Write(array.Items, item, $"{path}[{index++}]");
        WriteLong(0);
    }

    private void WriteMap(AvroMap map, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Fault(path, value, "an object");
        var count = value.EnumerateObject().Count();
        if (count > 0)
            WriteLong(count);
        foreach (var entry in value.EnumerateObject())
        {
            WriteBytes(Encoding.UTF8.GetBytes(entry.Name));
            Write(map.Values, entry.Value, $"{path}.{entry.Name}");
        }

        WriteLong(0);
    }

    private void WriteUnion(AvroUnion union, JsonElement value, string path)
    {
        var inner = value;
        var branch = -1;
        if (!tagged || value.ValueKind == JsonValueKind.Null)
            branch = IndexOf(union, candidate => AvroJsonFit.Fits(candidate, value));
        else if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().ToArray() is [var only])
            (branch, inner) = (IndexOf(union, candidate => AvroJsonFit.BranchName(candidate) == only.Name), only.Value);
        if (branch < 0)
            throw Fault(path, value, $"a value of {string.Join(" or ", union.Branches.Select(AvroJsonFit.BranchName))}{(tagged ? ", in an object that names its branch" : "")}");
        WriteLong(branch);
        Write(union.Branches[branch], union.Branches[branch].Kind == AvroKind.Null ? Null : inner, path);
    }

    private static int IndexOf(AvroUnion union, Predicate<AvroSchema> wanted)
    {
        for (var i = 0; i < union.Branches.Count; i++)
        {
            if (wanted(union.Branches[i]))
                return i;
        }

        return -1;
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        output.Write(bytes);
    }

    /// <summary>Zig-zag, seven bits a byte.</summary>
    private void WriteLong(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var span = output.GetSpan(10);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        output.Advance(length);
    }

    /// <summary>The bytes a text stands for, or null.</summary>
    internal static byte[]? Bytes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        var text = value.GetString()!;
        return text.All(c => c <= 0xFF) ? Encoding.Latin1.GetBytes(text) : null;
    }

    private static ContractException Fault(string path, JsonElement? value, string expected)
    {
        var found = value is { } element ? element.GetRawText() : "nothing";
        return new ContractException($"{path}: found {(found.Length > 80 ? found[..80] + "…" : found)}; expected {expected}. Correct the value, or publish with the schema it follows.");
    }
}
