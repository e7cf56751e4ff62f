using System.Text.Json;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>Reads fields of a Go struct from JSON; a wrong type is told as Go tells it.</summary>
/// <param name="structName">The struct's name in errors.</param>
/// <param name="fault">Makes the exception of a text.</param>
internal sealed class GoFields(string structName, Func<string, ApiException> fault)
{
    /// <summary>Null where the field is null.</summary>
    public string? Text(JsonElement element, string field) => element.ValueKind switch
    {
        JsonValueKind.String => GoJsonText.Of(element),
        JsonValueKind.Null => null,
        _ => throw WrongType(element, field, "string"),
    };

    public List<string> Texts(JsonElement element, string field)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return [];
        if (element.ValueKind != JsonValueKind.Array)
            throw WrongType(element, field, "[]string");
        var texts = new List<string>(element.GetArrayLength());
        foreach (var item in element.EnumerateArray())
            texts.Add(Text(item, field) ?? "");
        return texts;
    }

    public void ReadMap(JsonElement element, string field, Dictionary<string, string> map)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return;
        if (element.ValueKind != JsonValueKind.Object)
            throw WrongType(element, field, "map[string]string");
        foreach (var pair in element.EnumerateObject())
            map[GoJsonText.NameOf(pair)] = Text(pair.Value, field) ?? "";
    }

    public int Integer(JsonElement element, string field)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return 0;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number))
            return number;
        throw element.ValueKind == JsonValueKind.Number
            ? fault($"json: cannot unmarshal number {element.GetRawText()} into Go struct field {structName}.{field} of type int")
            : WrongType(element, field, "int");
    }

    public ApiException WrongType(JsonElement element, string field, string type) =>
        fault($"json: cannot unmarshal {GoJsonText.Kind(element)} into Go struct field {structName}.{field} of type {type}");
}
