using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>Reads schema documents (Avro 1.12, "Schema Declaration"), strictly: what the specification forbids is an error with its place.</summary>
internal sealed class AvroSchemaParser
{
    /// <summary>Types within types. Each costs three frames of stack, here and in the readers that are compiled from it.</summary>
    private const int MaxDepth = 256;

    /// <summary>A type costs at most four levels of JSON; defaults and custom attributes have the rest.</summary>
    internal const int MaxJsonDepth = 4 * MaxDepth + 64;

    private static readonly Dictionary<string, AvroKind> Primitives = new(StringComparer.Ordinal)
    {
        ["null"] = AvroKind.Null,
        ["boolean"] = AvroKind.Boolean,
        ["int"] = AvroKind.Int,
        ["long"] = AvroKind.Long,
        ["float"] = AvroKind.Float,
        ["double"] = AvroKind.Double,
        ["bytes"] = AvroKind.Bytes,
        ["string"] = AvroKind.String,
    };

    // The default of most fields that have one: a copy of its own for each would be a document each.
    private static readonly JsonElement Null = JsonDocument.Parse("null").RootElement.Clone();

    private readonly Dictionary<string, AvroNamed> _named = new(StringComparer.Ordinal);
    private int _depth;

    public static AvroSchema Parse(string json) => new AvroSchemaParser().ParseDocument(json);

    public static bool IsPrimitive(string name) => Primitives.ContainsKey(name);

    /// <summary>Reads one document; names of documents read before are known in it.</summary>
    public AvroSchema ParseDocument(string json)
    {
        using var document = Open(json);
        return ParseRoot(document);
    }

    /// <summary>Opens a document that may be read by <see cref="ParseRoot"/>.</summary>
    public static JsonDocument Open(string json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new ContractException($"schema: not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw NotUnicode(e);
        }
    }

    public AvroSchema ParseRoot(JsonDocument document)
    {
        try
        {
            return ParseType(document.RootElement, "", "schema");
        }
        catch (InvalidOperationException e)
        {
            throw NotUnicode(e);
        }
    }

    // What the JSON reader throws for an escape that is half of a surrogate pair.
    private static ContractException NotUnicode(InvalidOperationException e) => new($"schema: not Unicode: {e.Message}", e);

    private AvroSchema ParseType(JsonElement element, string space, string path)
    {
        if (++_depth > MaxDepth)
            throw Fault(path, $"types nested more than {MaxDepth} deep", "a shallower schema", "Split it.");

        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => ByName(element.GetString()!, space, path),
                JsonValueKind.Array => ParseUnion(element, space, path),
                JsonValueKind.Object => ParseObject(element, space, path),
                _ => throw Fault(path, Show(element), "a type name, a union or a type object", "See \"Schema Declaration\" of the Avro specification."),
            };
        }
        finally
        {
            _depth--;
        }
    }

    private AvroSchema ByName(string name, string space, string path)
    {
        if (Primitives.TryGetValue(name, out var kind))
            return new AvroPrimitive(kind);

        if (_named.TryGetValue(AvroNames.Qualify(name, space), out var named))
            return named;

        throw Fault(path, $"type '{name}'", "a primitive type or a name defined before this place", "Correct the name, or define the type where it is first used.");
    }

    private AvroSchema ParseObject(JsonElement element, string space, string path)
    {
        if (!element.TryGetProperty("type"u8, out var type))
            throw Fault(path, "an object without 'type'", "a 'type'", "Add it.");

        if (type.ValueKind != JsonValueKind.String)
            return ParseType(type, space, path);

        return type.GetString()! switch
        {
            "record" or "error" => ParseRecord(element, space, path),
            "enum" => ParseEnum(element, space, path),
            "fixed" => ParseFixed(element, space, path),
            "array" => new AvroArray(ParseType(Required(element, "items", path), space, path + ".items")),
            "map" => new AvroMap(ParseType(Required(element, "values", path), space, path + ".values")),
            var name when Primitives.TryGetValue(name, out var kind) => new AvroPrimitive(kind)
            {
                LogicalType = Text(element, "logicalType", path),
                Precision = Number(element, "precision", path),
                Scale = Number(element, "scale", path),
            },
            var name => ByName(name, space, path),
        };
    }

    private AvroRecord ParseRecord(JsonElement element, string space, string path)
    {
        var name = FullName(element, space, path);
        var own = AvroNames.SpaceOf(name);
        var record = new AvroRecord(name, Aliases(element, own, path));
        Define(record, path);
        var fields = Required(element, "fields", path);
        if (fields.ValueKind != JsonValueKind.Array)
            throw Fault($"{path}.fields", Show(fields), "an array of fields", "Write the fields as an array.");

        var parsed = new List<AvroField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields.EnumerateArray())
            parsed.Add(ParseField(field, own, record.FullName, names, parsed.Count));

        record.Fields = parsed;
        return record;
    }

    private AvroField ParseField(JsonElement element, string space, string record, HashSet<string> names, int position)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Fault($"{record}: field {position}", Show(element), "an object with 'name' and 'type'", "Write the field as an object.");

        var name = element.TryGetProperty("name"u8, out var given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()!
            : Text(element, "name", $"{record}: field {position}") ?? throw Fault($"{record}: field {position}", "no 'name'", "a name", "Add it.");
        var path = $"{record}: field '{name}'";
        if (!AvroNames.IsName(name))
            throw Fault(path, $"name '{name}'", AvroNames.NameRule, "Rename the field; an old name may stand in 'aliases' of nothing else.");

        if (!names.Add(name))
            throw Fault(path, "the name twice", "unique names", "Rename one of the two.");

        var schema = ParseType(Required(element, "type", path), space, path);
        JsonElement? fallback = null;
        if (element.TryGetProperty("default"u8, out var value))
        {
            if (!AvroDefaults.Fits(schema, value))
                throw Fault(path, $"default {Show(value)}", $"a value of type {schema}", "Correct the default.");

            fallback = value.ValueKind == JsonValueKind.Null ? Null : value.Clone();
        }

        return new AvroField
        {
            Name = name,
            Schema = schema,
            Aliases = Names(element, "aliases", path),
            Default = fallback,
            Pii = element.TryGetProperty("pii"u8, out var pii) && pii.ValueKind == JsonValueKind.True,
        };
    }

    private AvroEnum ParseEnum(JsonElement element, string space, string path)
    {
        var name = FullName(element, space, path);
        var symbols = Names(element, "symbols", path);
        if (symbols.Count == 0)
            throw Fault(path, "an enum without symbols", "at least one symbol", "Add 'symbols'.");

        if (symbols.FirstOrDefault(symbol => !AvroNames.IsName(symbol)) is { } bad)
            throw Fault(path, $"symbol '{bad}'", AvroNames.NameRule, "Rename the symbol.");

        if (symbols.Distinct(StringComparer.Ordinal).Count() != symbols.Count)
            throw Fault(path, "a symbol twice", "unique symbols", "Remove one of the two.");

        var fallback = Text(element, "default", path);
        if (fallback is not null && !symbols.Contains(fallback, StringComparer.Ordinal))
            throw Fault(path, $"default '{fallback}'", "one of the symbols", "Correct the default.");

        var parsed = new AvroEnum(name, Aliases(element, AvroNames.SpaceOf(name), path), symbols, fallback);
        Define(parsed, path);
        return parsed;
    }

    private AvroFixed ParseFixed(JsonElement element, string space, string path)
    {
        var name = FullName(element, space, path);
        if (!element.TryGetProperty("size"u8, out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out var bytes) || bytes is < 1 or > 1_048_576)
            throw Fault(path, "no usable 'size'", "a size from 1 to 1048576 bytes", "Correct 'size'.");

        var parsed = new AvroFixed(name, Aliases(element, AvroNames.SpaceOf(name), path), bytes)
        {
            LogicalType = Text(element, "logicalType", path),
            Precision = Number(element, "precision", path),
            Scale = Number(element, "scale", path),
        };
        Define(parsed, path);
        return parsed;
    }

    private AvroUnion ParseUnion(JsonElement element, string space, string path)
    {
        var branches = new List<AvroSchema>(Math.Min(4, element.GetArrayLength()));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var kinds = 0;
        foreach (var item in element.EnumerateArray())
        {
            // Documents of megabytes have tens of thousands of unions with null: for those no place is written out.
            var branch = item.ValueKind == JsonValueKind.String && Primitives.TryGetValue(item.GetString()!, out var primitive)
                ? new AvroPrimitive(primitive)
                : ParseType(item, space, $"{path}: branch {branches.Count}");
            if (branch.Kind == AvroKind.Union)
                throw Fault(path, "a union within a union", "one flat union", "Merge the two.");

            var isNew = branch is AvroNamed named ? seen.Add(named.FullName) : (kinds & (1 << (int)branch.Kind)) == 0;
            kinds |= branch is AvroNamed ? 0 : 1 << (int)branch.Kind;
            if (!isNew)
                throw Fault(path, $"{branch} twice in one union", "each type once", "Remove one of the two.");

            branches.Add(branch);
        }

        return branches.Count == 0
            ? throw Fault(path, "an empty union", "at least one type", "Name the types.")
            : new AvroUnion(branches);
    }

    private void Define(AvroNamed named, string path)
    {
        if (!_named.TryAdd(named.FullName, named))
            throw Fault(path, $"a second definition of '{named.FullName}'", "each name defined once", "Refer to the first definition by its name.");
    }

    private static string FullName(JsonElement element, string space, string path)
    {
        var name = Text(element, "name", path) ?? throw Fault(path, "no 'name'", "a name", "Add it.");
        var full = AvroNames.Qualify(name, Text(element, "namespace", path) ?? space);
        if (!AvroNames.IsFullName(full))
            throw Fault(path, $"name '{full}'", $"{AvroNames.NameRule}, parts joined by dots", "Rename it.");

        if (Primitives.ContainsKey(full))
            throw Fault(path, $"name '{full}'", "a name that is no primitive type", "Rename it.");

        return full;
    }

    private static string[] Aliases(JsonElement element, string space, string path) =>
        [.. Names(element, "aliases", path).Select(alias => AvroNames.Qualify(alias, space))];

    private static List<string> Names(JsonElement element, string key, string path)
    {
        if (!element.TryGetProperty(key, out var names))
            return [];

        if (names.ValueKind != JsonValueKind.Array || names.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
            throw Fault($"{path}.{key}", Show(names), "an array of names", "Correct it.");

        return [.. names.EnumerateArray().Select(name => name.GetString()!)];
    }

    private static JsonElement Required(JsonElement element, string key, string path) =>
        element.TryGetProperty(key, out var value) ? value : throw Fault(path, $"no '{key}'", $"'{key}'", "Add it.");

    private static string? Text(JsonElement element, string key, string path)
    {
        if (!element.TryGetProperty(key, out var value))
            return null;

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Fault($"{path}.{key}", Show(value), "text", "Correct it.");
    }

    private static int Number(JsonElement element, string key, string path)
    {
        if (!element.TryGetProperty(key, out var value))
            return 0;

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Fault($"{path}.{key}", Show(value), "an integer that is not negative", "Correct it.");
    }

    private static string Show(JsonElement element) => RowFaults.Cut(element.GetRawText());

    private static ContractException Fault(string path, string found, string expected, string cure) =>
        new($"{path}: found {found}; expected {expected}. {cure}");
}
