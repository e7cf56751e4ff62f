using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.Components;

/// <summary>
/// Turns the JSON of a secrets file into secrets. Single-valued: every leaf is a secret named by its path. Multi-valued: every
/// top-level object is a secret whose leaves are its values; other top-level values but texts are left out.
/// </summary>
internal sealed class SecretFileReader(string separator)
{
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Read(ReadOnlyMemory<byte> json, bool multiValued)
    {
        using var document = Parse(json);
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Null)
            return secrets;
        if (root.ValueKind != JsonValueKind.Object)
            throw new SecretStoreException($"json: cannot unmarshal {NameOf(root)} into Go value of type map[string]interface {{}}");
        foreach (var (name, value) in multiValued ? MultiValued(root) : SingleValued(root))
            secrets.TryAdd(name, value);
        return secrets;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty)
            throw new SecretStoreException("unexpected end of JSON input");
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new SecretStoreException($"invalid JSON in the secrets file: {e.Message}", e);
        }
    }

    private IEnumerable<(string Name, IReadOnlyDictionary<string, string> Values)> SingleValued(JsonElement root)
    {
        foreach (var (path, value) in Leaves(root))
            yield return (path, Single(path, value));
    }

    private IEnumerable<(string Name, IReadOnlyDictionary<string, string> Values)> MultiValued(JsonElement root)
    {
        foreach (var (name, value) in Properties(root))
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                yield return (name, Single(name, value.GetString()!));
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                var values = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var (path, leaf) in Leaves(value))
                    values.TryAdd(path, leaf);
                yield return (name, values);
            }
        }
    }

    // The reader's depth is bounded by the JSON parser (64 levels).
    private IEnumerable<(string Path, string Value)> Leaves(JsonElement parent)
    {
        var children = parent.ValueKind == JsonValueKind.Object
            ? Properties(parent)
            : parent.EnumerateArray().Select((item, i) => (Name: i.ToString(CultureInfo.InvariantCulture), Value: item));
        foreach (var (name, value) in children)
        {
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                foreach (var (path, leaf) in Leaves(value))
                    yield return (name + separator + path, leaf);
            }
            else
            {
                yield return (name, LeafText(value));
            }
        }
    }

    // Of a repeated name the last value counts, as in Go.
    private static IEnumerable<(string Name, JsonElement Value)> Properties(JsonElement parent)
    {
        var last = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in parent.EnumerateObject())
            last[property.Name] = property.Value;
        return last.Select(entry => (entry.Key, entry.Value));
    }

    // daprd formats every leaf with %s, which spells out the type of what is no text; apps may rely on it, so it stays.
    private static string LeafText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => $"%!s(float64={GoJson.General(value.GetDouble())})",
        JsonValueKind.True => "%!s(bool=true)",
        JsonValueKind.False => "%!s(bool=false)",
        _ => "%!s(<nil>)",
    };

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    private static Dictionary<string, string> Single(string name, string value) => new(StringComparer.Ordinal) { [name] = value };
}
