using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.State;

/// <summary>Reads the JSON bodies of saves and bulk reads. Anything unexpected is <c>ERR_MALFORMED_REQUEST</c> in the words of Go's decoder.</summary>
internal static class StateBodies
{
    private const string SetType = "state.SetRequest";

    public static List<StateItemRequest> Items(ReadOnlyMemory<byte> body, Dictionary<string, string> queryMetadata)
    {
        using var document = GoJsonBody.Parse(body, out var cause) ?? throw Malformed(cause);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Null)
            return [];
        if (root.ValueKind != JsonValueKind.Array)
            throw Malformed($"json: cannot unmarshal {GoJsonText.Kind(root)} into Go value of type []{SetType}");
        var items = new List<StateItemRequest>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
            items.Add(Item(element, queryMetadata));
        if (items.Exists(item => item.Key.Length == 0))
            throw Malformed("\"key\" is a required field");
        return items;
    }

    public static BulkGetBody BulkGet(ReadOnlyMemory<byte> body)
    {
        using var document = GoJsonBody.Parse(body, out var cause) ?? throw BodyFault(cause);
        var root = document.RootElement;
        var read = new BulkGetBody();
        if (root.ValueKind == JsonValueKind.Null)
            return read;
        if (root.ValueKind != JsonValueKind.Object)
            throw BodyFault($"json: cannot unmarshal {GoJsonText.Kind(root)} into Go value of type http.BulkGetRequest");
        var fields = new GoFields("BulkGetRequest", BodyFault);
        foreach (var property in root.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "keys"))
                read.Keys.AddRange(fields.Texts(property.Value, "keys"));
            else if (GoJsonText.IsField(property, "metadata"))
                fields.ReadMap(property.Value, "metadata", read.Metadata);
            else if (GoJsonText.IsField(property, "parallelism"))
                read.Parallelism = fields.Integer(property.Value, "parallelism");
        }

        return read;
    }

    public static ApiException BodyFault(string cause) => Malformed($"failed deserializing HTTP body: {cause}");

    public static ApiException Malformed(string cause) => new(StateErrors.Malformed(cause));

    private static StateItemRequest Item(JsonElement element, Dictionary<string, string> overrides)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return new StateItemRequest("");
        if (element.ValueKind != JsonValueKind.Object)
            throw Malformed($"json: cannot unmarshal {GoJsonText.Kind(element)} into Go value of type {SetType}");
        var fields = new GoFields("SetRequest", Malformed);
        string? key = null, etag = null, contentType = null, concurrency = null, consistency = null;
        var value = StateValue.Null;
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "key"))
                key = fields.Text(property.Value, "key") ?? key;
            else if (GoJsonText.IsField(property, "value"))
                value = StateValue.Json(property.Value);
            else if (GoJsonText.IsField(property, "etag"))
                etag = fields.Text(property.Value, "etag");
            else if (GoJsonText.IsField(property, "contentType"))
                contentType = fields.Text(property.Value, "contentType");
            else if (GoJsonText.IsField(property, "metadata"))
                fields.ReadMap(property.Value, "metadata", metadata);
            else if (GoJsonText.IsField(property, "options"))
                (concurrency, consistency) = Options(property.Value, fields);
        }

        foreach (var (name, text) in overrides)
            metadata[name] = text;
        return new StateItemRequest(key ?? "")
        {
            Value = value,
            ETag = etag,
            ContentType = contentType,
            Concurrency = concurrency ?? "",
            Consistency = consistency ?? "",
            Metadata = metadata,
        };
    }

    private static (string? Concurrency, string? Consistency) Options(JsonElement element, GoFields fields)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return default;
        if (element.ValueKind != JsonValueKind.Object)
            throw fields.WrongType(element, "options", "state.SetStateOption");
        string? concurrency = null, consistency = null;
        foreach (var property in element.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "concurrency"))
                concurrency = fields.Text(property.Value, "options.concurrency");
            else if (GoJsonText.IsField(property, "consistency"))
                consistency = fields.Text(property.Value, "options.consistency");
        }

        return (concurrency, consistency);
    }
}

/// <summary>The body of a bulk read.</summary>
internal sealed class BulkGetBody
{
    public List<string> Keys { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public int Parallelism { get; set; }
}
