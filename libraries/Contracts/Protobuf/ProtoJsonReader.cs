using System.Text.Json.Nodes;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Reads messages into JSON for people: fields by their names in the document, integers as numbers, bytes in base64, constants of
/// enums by name. Fields that are not set are left out; those that the document does not know too.
/// </summary>
internal sealed class ProtoJsonReader(ProtoTypes types)
{
    /// <summary>As Google's parsers.</summary>
    private const int MaxDepth = 100;

    /// <summary>Throws <see cref="ContractException"/> where the bytes are no such message.</summary>
    public JsonObject Read(string name, ReadOnlySpan<byte> payload) => Read(name, payload, 0);

    private JsonObject Read(string name, ReadOnlySpan<byte> payload, int depth)
    {
        if (types.Find(name) is not { Type: ProtoMessage message } found)
            throw new ContractException($"Protobuf schema: found no message '{name}'; expected one of its messages.");
        if (depth > MaxDepth)
            throw new ContractException($"message '{name}': found messages nested more than {MaxDepth} deep; expected fewer.");
        var scope = found.LocalName.Split('.');
        var result = new JsonObject();
        var cursor = new ProtoCursor(payload);
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out var number, out var wire))
                throw Fault(name, cursor);
            var field = message.AllFields.FirstOrDefault(candidate => candidate.Number == number);
            if (field is null || field.Group is not null || wire is ProtoCursor.StartGroup or ProtoCursor.EndGroup)
            {
                if (!cursor.TrySkip(number, wire))
                    throw Fault(name, cursor);
                continue;
            }

            if (field.IsMap)
                Entry(result, field, Bytes(ref cursor, name, field, wire), new Place(scope, found.Package, depth));
            else
                Value(result, field, ref cursor, wire, name, new Place(scope, found.Package, depth));
        }

        return result;
    }

    private void Value(JsonObject result, ProtoField field, ref ProtoCursor cursor, int wire, string name, Place place)
    {
        var type = ProtoTypes.IsScalar(field.Type) ? null : types.ResolveType(field.Type, place.Scope, place.Package);
        var isRepeated = field.Label == "repeated";
        if (wire == ProtoCursor.Length && WireOf(field.Type, type) != ProtoCursor.Length)
        {
            // Numbers one behind the other.
            var packed = new ProtoCursor(Bytes(ref cursor, name, field, wire));
            while (!packed.AtEnd)
                Add(result, field, true, Scalar(field.Type, type, ref packed, name, field));
        }
        else if (wire != WireOf(field.Type, type))
        {
            throw new ContractException($"message '{name}', field '{field.Name}': found wire type {wire}; expected {WireOf(field.Type, type)} for {field.Type}.");
        }
        else
        {
            Add(result, field, isRepeated, type is { Type: ProtoMessage } ? Read(type.FullName, Bytes(ref cursor, name, field, wire), place.Depth + 1) : Scalar(field.Type, type, ref cursor, name, field));
        }
    }

    private void Entry(JsonObject result, ProtoField field, ReadOnlySpan<byte> entry, Place place)
    {
        var (keyType, valueType) = field.MapTypes;
        var parts = new JsonObject();
        var cursor = new ProtoCursor(entry);
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out var number, out var wire) || (number is not (1 or 2) && !cursor.TrySkip(number, wire)))
                throw Fault(field.Name, cursor);
            if (number is 1 or 2)
                Value(parts, new ProtoField(null, number == 1 ? keyType : valueType, number == 1 ? "key" : "value", number, []), ref cursor, wire, field.Name, place);
        }

        if (result[field.Name] is not JsonObject map)
            result[field.Name] = map = [];
        var value = parts["value"];
        parts.Remove("value");
        map[parts["key"]?.ToString() ?? ""] = value;
    }

    private static void Add(JsonObject result, ProtoField field, bool isRepeated, JsonNode? value)
    {
        if (!isRepeated)
            result[field.Name] = value;
        else if (result[field.Name] is JsonArray items)
            items.Add(value);
        else
            result[field.Name] = new JsonArray(value);
    }

    private static JsonNode? Scalar(string type, ProtoTypes.Entry? known, ref ProtoCursor cursor, string name, ProtoField field)
    {
        ulong bits = 0;
        uint half = 0;
        ReadOnlySpan<byte> bytes = default;
        var read = WireOf(type, known) switch
        {
            ProtoCursor.Varint => cursor.TryReadVarint(out bits),
            ProtoCursor.Fixed64 => cursor.TryReadFixed64(out bits),
            ProtoCursor.Fixed32 => cursor.TryReadFixed32(out half),
            _ => cursor.TryReadBytes(out bytes),
        };
        if (!read)
            throw Fault($"{name}', field '{field.Name}", cursor);
        return type switch
        {
            "string" => JsonValue.Create(System.Text.Encoding.UTF8.GetString(bytes)),
            "bytes" => JsonValue.Create(Convert.ToBase64String(bytes)),
            "bool" => JsonValue.Create(bits != 0),
            "int32" => JsonValue.Create((int)bits),
            "int64" or "sfixed64" => JsonValue.Create((long)bits),
            "uint32" => JsonValue.Create((uint)bits),
            "uint64" or "fixed64" => JsonValue.Create(bits),
            "sint32" or "sint64" => JsonValue.Create((long)(bits >> 1) ^ -(long)(bits & 1)),
            "fixed32" => JsonValue.Create(half),
            "sfixed32" => JsonValue.Create((int)half),
            "float" => Number(BitConverter.UInt32BitsToSingle(half)),
            "double" => Number(BitConverter.UInt64BitsToDouble(bits)),
            _ when known?.Type is ProtoEnum constants => constants.Constants.FirstOrDefault(constant => constant.Number == (int)bits) is { } found ? JsonValue.Create(found.Name) : JsonValue.Create((int)bits),
            _ => throw new ContractException($"message '{name}', field '{field.Name}': found type {field.Type}, which no document declares; expected a known type."),
        };
    }

    /// <summary>JSON has no number for these.</summary>
    private static JsonValue Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");

    private static int WireOf(string type, ProtoTypes.Entry? known) => type switch
    {
        "double" or "fixed64" or "sfixed64" => ProtoCursor.Fixed64,
        "float" or "fixed32" or "sfixed32" => ProtoCursor.Fixed32,
        "string" or "bytes" => ProtoCursor.Length,
        _ when ProtoTypes.IsScalar(type) || known?.Type is ProtoEnum => ProtoCursor.Varint,
        _ => ProtoCursor.Length,
    };

    private static ReadOnlySpan<byte> Bytes(ref ProtoCursor cursor, string name, ProtoField field, int wire)
    {
        if (wire != ProtoCursor.Length)
            throw new ContractException($"message '{name}', field '{field.Name}': found wire type {wire}; expected bytes with their length.");
        return cursor.TryReadBytes(out var bytes) ? bytes : throw Fault($"{name}', field '{field.Name}", cursor);
    }

    private static ContractException Fault(string name, ProtoCursor cursor) => new($"message '{name}': found {cursor.Error}; expected the bytes of a message.");

    /// <summary>Where names are looked up, and how deep.</summary>
    private readonly record struct Place(string[] Scope, string Package, int Depth);
}
