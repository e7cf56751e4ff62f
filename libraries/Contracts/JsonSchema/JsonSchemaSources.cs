using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>A place within the documents at hand, with the address that relative references start from.</summary>
internal readonly record struct JsonSchemaPlace(JsonElement Element, string Base, int Document);

/// <summary>The document and those it refers to, by their addresses.</summary>
internal sealed class JsonSchemaSources
{
    private readonly List<JsonElement> _roots = [];
    private readonly Dictionary<string, JsonSchemaPlace> _byAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, JsonElement>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonSchemaPlace> _anchors = new(StringComparer.Ordinal);

    public JsonSchemaSources(JsonElement root, IEnumerable<(string Name, JsonElement Root)> references)
    {
        Add(root, "");
        foreach (var (name, document) in references)
            Add(document, name);
    }

    public JsonSchemaPlace Root => new(_roots[0], BaseOf(_roots[0], ""), 0);

    /// <summary>The address within a schema: its own <c>$id</c>, or that of the schema around it.</summary>
    public static string BaseOf(JsonElement schema, string around)
    {
        if (schema.ValueKind != JsonValueKind.Object || Text(schema, "$id") is not { Length: > 0 } id || id[0] == '#')
            return schema.ValueKind == JsonValueKind.Object && Text(schema, "id") is { Length: > 0 } old && old[0] != '#' && old.Contains(':', StringComparison.Ordinal) ? Combine(around, old) : around;

        return Combine(around, id);
    }

    /// <summary>The place that a reference stands for, with a name of the place; null where there is none.</summary>
    public (JsonSchemaPlace Place, string Name)? Find(JsonSchemaPlace from, string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var (document, fragment) = hash < 0 ? (reference, "") : (reference[..hash], Uri.UnescapeDataString(reference[(hash + 1)..]));
        JsonSchemaPlace start;
        string name;
        if (document.Length == 0)
        {
            start = _byAddress.TryGetValue(from.Base, out var own) && from.Base.Length > 0 ? own : new JsonSchemaPlace(_roots[from.Document], BaseOf(_roots[from.Document], ""), from.Document);
            name = $"{from.Document} {from.Base}";
        }
        else if (_byAddress.TryGetValue(Combine(from.Base, document), out start))
        {
            name = Combine(from.Base, document);
        }
        else if (_byAddress.TryGetValue(document, out start))
        {
            name = document;
        }
        else
        {
            return null;
        }

        JsonSchemaPlace? found = fragment.Length == 0 ? start
            : fragment[0] == '/' ? Walk(start, name, fragment)
            : _anchors.TryGetValue($"{start.Base}#{fragment}", out var anchor) || _anchors.TryGetValue($"{start.Document}##{fragment}", out anchor) ? anchor : null;
        return found is { } place ? (place, $"{name}#{fragment}") : null;
    }

    /// <summary>Whether an address is one of the specification's own schemas, which say only what schemas look like.</summary>
    public static bool IsMetaSchema(string reference) =>
        reference.StartsWith("http://json-schema.org/draft", StringComparison.Ordinal) || reference.StartsWith("https://json-schema.org/draft", StringComparison.Ordinal);

    public static string? Text(JsonElement schema, string key) =>
        schema.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private JsonSchemaPlace? Walk(JsonSchemaPlace start, string name, string pointer)
    {
        var (element, address) = (start.Element, start.Base);
        var walked = name + "#";
        foreach (var raw in pointer[1..].Split('/'))
        {
            var key = raw.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && Members(element, walked).TryGetValue(key, out var member))
                element = member;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(key, out var index) && index >= 0 && index < element.GetArrayLength())
                element = element[index];
            else
                return null;

            walked += "/" + raw;
            if (element.ValueKind == JsonValueKind.Object && Members(element, walked) is var members && (members.ContainsKey("$id") || members.ContainsKey("id")))
                address = BaseOf(element, address);
        }

        return start with { Element = element, Base = address };
    }

    // Definitions are looked up once for each reference: a search of thousands of members each time takes minutes.
    private Dictionary<string, JsonElement> Members(JsonElement element, string place)
    {
        if (_members.TryGetValue(place, out var known))
            return known;

        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
            members[member.Name] = member.Value;

        return _members[place] = members;
    }

    private void Add(JsonElement root, string name)
    {
        _roots.Add(root);
        var document = _roots.Count - 1;
        var address = BaseOf(root, name);
        foreach (var known in new[] { name, address }.Where(known => known.Length > 0))
            _byAddress.TryAdd(known, new JsonSchemaPlace(root, address, document));

        Collect(root, address, document);
    }

    private void Collect(JsonElement element, string around, int document)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, around, document);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var address = BaseOf(element, around);
            if (address != around)
                _byAddress.TryAdd(address, new JsonSchemaPlace(element, address, document));

            foreach (var anchor in Anchors(element))
            {
                _anchors.TryAdd($"{address}#{anchor}", new JsonSchemaPlace(element, address, document));
                _anchors.TryAdd($"{document}##{anchor}", new JsonSchemaPlace(element, address, document));
            }

            foreach (var member in element.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && member.Name is not ("enum" or "const" or "default" or "examples"))
                    Collect(member.Value, address, document);
            }
        }
    }

    private static IEnumerable<string> Anchors(JsonElement schema)
    {
        foreach (var key in new[] { "$anchor", "$dynamicAnchor" })
        {
            if (Text(schema, key) is { } anchor)
                yield return anchor;
        }

        foreach (var key in new[] { "$id", "id" })
        {
            if (Text(schema, key) is { Length: > 1 } id && id[0] == '#')
                yield return id[1..];
        }
    }

    /// <summary>An address made absolute by the one around it.</summary>
    public static string Combine(string around, string reference)
    {
        reference = reference.TrimEnd('#');
        if (Uri.TryCreate(reference, UriKind.Absolute, out _) || around.Length == 0)
            return reference;

        if (Uri.TryCreate(around, UriKind.Absolute, out var absolute))
            return Uri.TryCreate(absolute, reference, out var combined) ? combined.ToString() : reference;

        var slash = around.LastIndexOf('/');
        return slash < 0 ? reference : around[..(slash + 1)] + reference;
    }
}
