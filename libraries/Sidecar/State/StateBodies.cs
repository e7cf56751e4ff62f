using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;

namespace RealTimeMesh.Sidecar.State;

/// <summary>Reads the JSON bodies of state requests. Anything unexpected is <c>ERR_MALFORMED_REQUEST</c>.</summary>
internal static class StateBodies
{
    public static List<StateItemRequest> Items(ReadOnlyMemory<byte> body, Dictionary<string, string> queryMetadata)
    {
        using var document = Parse(body, cause => cause);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw Malformed($"found a JSON {document.RootElement.ValueKind}; expected an array of items with key and value");
        var items = new List<StateItemRequest>();
        foreach (var element in document.RootElement.EnumerateArray())
            items.Add(Item(element, queryMetadata));
        return items;
    }

    public static List<string> Keys(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body, BodyFault);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw Malformed(BodyFault($"found a JSON {root.ValueKind}; expected an object with keys"));
        var keys = new List<string>();
        if (!root.TryGetProperty("keys"u8, out var list) || list.ValueKind == JsonValueKind.Null)
            return keys;
        if (list.ValueKind != JsonValueKind.Array)
            throw Malformed(BodyFault($"keys is a JSON {list.ValueKind}; expected an array of strings"));
        foreach (var key in list.EnumerateArray())
            keys.Add(key.ValueKind == JsonValueKind.String ? key.GetString()! : throw Malformed(BodyFault($"a key is a JSON {key.ValueKind}; expected a string")));
        return keys;
    }

    public static List<StateTransactionOperation> Operations(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body, BodyFault);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw Malformed(BodyFault($"found a JSON {root.ValueKind}; expected an object with operations"));
        var metadata = root.TryGetProperty("metadata"u8, out var common) ? Metadata(common) : [];
        var result = new List<StateTransactionOperation>();
        if (!root.TryGetProperty("operations"u8, out var operations) || operations.ValueKind == JsonValueKind.Null)
            return result;
        if (operations.ValueKind != JsonValueKind.Array)
            throw Malformed(BodyFault($"operations is a JSON {operations.ValueKind}; expected an array"));
        foreach (var element in operations.EnumerateArray())
        {
            var name = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("operation"u8, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
            var kind = OperationKind(name) ?? throw new ApiException(StateErrors.UnknownOperation(name));
            if (!element.TryGetProperty("request"u8, out var request))
                throw Malformed(BodyFault($"operation {name} has no request; expected one with a key"));
            result.Add(new StateTransactionOperation(kind, Item(request, metadata)));
        }

        return result;
    }

    public static StateOperationKind? OperationKind(string name) => name switch
    {
        "upsert" => StateOperationKind.Upsert,
        "delete" => StateOperationKind.Delete,
        _ => null,
    };

    public static StateConcurrency Concurrency(string text) => text switch
    {
        "first-write" => StateConcurrency.FirstWrite,
        "last-write" => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };

    public static StateConsistency Consistency(string text) => text switch
    {
        "strong" => StateConsistency.Strong,
        "eventual" => StateConsistency.Eventual,
        _ => StateConsistency.Unspecified,
    };

    private static StateItemRequest Item(JsonElement element, Dictionary<string, string> overrides)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Malformed($"an item is a JSON {element.ValueKind}; expected an object with key and value");
        string? key = null, etag = null;
        byte[] value = [];
        var concurrency = StateConcurrency.Unspecified;
        var consistency = StateConsistency.Unspecified;
        Dictionary<string, string> metadata = [];
        foreach (var property in element.EnumerateObject())
        {
            switch (property.Name)
            {
                case "key":
                    key = Text(property);
                    break;
                case "value":
                    value = property.Value.ValueKind == JsonValueKind.Null ? [] : StateJson.Normalise(property.Value);
                    break;
                case "etag":
                    etag = Text(property);
                    break;
                case "metadata":
                    metadata = Metadata(property.Value);
                    break;
                case "options" when property.Value.ValueKind == JsonValueKind.Object:
                    if (property.Value.TryGetProperty("concurrency"u8, out var mode) && mode.ValueKind == JsonValueKind.String)
                        concurrency = Concurrency(mode.GetString()!);
                    if (property.Value.TryGetProperty("consistency"u8, out var hint) && hint.ValueKind == JsonValueKind.String)
                        consistency = Consistency(hint.GetString()!);
                    break;
            }
        }

        if (string.IsNullOrEmpty(key))
            throw Malformed("\"key\" is a required field");
        foreach (var (name, text) in overrides)
            metadata[name] = text;
        return new StateItemRequest(key) { Value = value, IsJson = true, ETag = etag, Concurrency = concurrency, Consistency = consistency, Metadata = metadata };
    }

    private static Dictionary<string, string> Metadata(JsonElement element)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.ValueKind == JsonValueKind.Null)
            return result;
        if (element.ValueKind != JsonValueKind.Object)
            throw Malformed($"metadata is a JSON {element.ValueKind}; expected an object of strings");
        foreach (var property in element.EnumerateObject())
            result[property.Name] = Text(property) ?? "";
        return result;
    }

    private static string? Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw Malformed($"{property.Name} is a JSON {property.Value.ValueKind}; expected a string"),
    };

    private static JsonDocument Parse(ReadOnlyMemory<byte> body, Func<string, string> text)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException exception)
        {
            throw new ApiException(StateErrors.Malformed(text(body.IsEmpty ? "EOF" : exception.Message)), exception);
        }
    }

    private static string BodyFault(string cause) => $"failed deserializing HTTP body: {cause}";

    private static ApiException Malformed(string cause) => new(StateErrors.Malformed(cause));
}
