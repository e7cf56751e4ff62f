using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.State;

/// <summary>
/// Reads the body of a transaction. daprd decodes each request from a generic map: wrong types are told in that
/// decoder's form.
/// </summary>
internal static class TransactionBody
{
    public static List<StateTransactionOperation> Read(ReadOnlyMemory<byte> body, Dictionary<string, string> queryMetadata)
    {
        using var document = GoJsonBody.Parse(body, out var cause) ?? throw StateBodies.BodyFault(cause);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Null)
            return [];
        if (root.ValueKind != JsonValueKind.Object)
            throw StateBodies.BodyFault($"json: cannot unmarshal {GoJsonText.Kind(root)} into Go value of type http.stateTransactionRequestBody");
        var fields = new GoFields("stateTransactionRequestBody", StateBodies.BodyFault);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        JsonElement operations = default;
        foreach (var property in root.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "operations"))
                operations = property.Value;
            else if (GoJsonText.IsField(property, "metadata"))
                fields.ReadMap(property.Value, "metadata", metadata);
        }

        if (operations.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return [];
        if (operations.ValueKind != JsonValueKind.Array)
            throw fields.WrongType(operations, "operations", "[]http.stateTransactionRequestBodyOperation");
        // The query's metadata belong to every operation; the body's are the transaction's own, which no store of ours reads.
        var result = new List<StateTransactionOperation>(operations.GetArrayLength());
        foreach (var element in operations.EnumerateArray())
            result.Add(Operation(element, queryMetadata));
        return result;
    }

    public static StateOperationKind? KindOf(string name) => name switch
    {
        "upsert" => StateOperationKind.Upsert,
        "delete" => StateOperationKind.Delete,
        _ => null,
    };

    private static StateTransactionOperation Operation(JsonElement element, Dictionary<string, string> queryMetadata)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw StateBodies.BodyFault($"json: cannot unmarshal {GoJsonText.Kind(element)} into Go struct field stateTransactionRequestBody.operations of type http.stateTransactionRequestBodyOperation");
        var name = "";
        JsonElement request = default;
        if (element.ValueKind == JsonValueKind.Object)
        {
            var fields = new GoFields("stateTransactionRequestBodyOperation", StateBodies.BodyFault);
            foreach (var property in element.EnumerateObject())
            {
                if (GoJsonText.IsField(property, "operation"))
                    name = fields.Text(property.Value, "operation") ?? name;
                else if (GoJsonText.IsField(property, "request"))
                    request = property.Value;
            }
        }

        var kind = KindOf(name) ?? throw new ApiException(StateErrors.UnknownOperation(name));
        return new StateTransactionOperation(kind, Item(request, queryMetadata));
    }

    private static StateItemRequest Item(JsonElement element, Dictionary<string, string> queryMetadata)
    {
        if (element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return new StateItemRequest("") { Metadata = queryMetadata };
        if (element.ValueKind != JsonValueKind.Object)
            throw Fault($"'' expected a map, got '{GoKind(element)}'");
        string key = "", concurrency = "", consistency = "";
        string? etag = null, contentType = null;
        var value = StateValue.Null;
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (GoJsonText.IsField(property, "key"))
                key = Text(property.Value, "Key") ?? "";
            else if (GoJsonText.IsField(property, "value"))
                value = StateValue.Json(property.Value);
            else if (GoJsonText.IsField(property, "etag"))
                etag = Text(property.Value, "ETag");
            else if (GoJsonText.IsField(property, "contentType"))
                contentType = Text(property.Value, "ContentType");
            else if (GoJsonText.IsField(property, "metadata") && property.Value.ValueKind != JsonValueKind.Null)
                ReadMap(property.Value, metadata);
            else if (GoJsonText.IsField(property, "options") && property.Value.ValueKind == JsonValueKind.Object)
                (concurrency, consistency) = (Option(property.Value, "Concurrency"), Option(property.Value, "Consistency"));
        }

        foreach (var (name, text) in queryMetadata)
            metadata[name] = text;
        return new StateItemRequest(key) { Value = value, ETag = etag, ContentType = contentType, Concurrency = concurrency, Consistency = consistency, Metadata = metadata };
    }

    private static void ReadMap(JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Fault($"'Metadata' expected a map, got '{GoKind(element)}'");
        foreach (var pair in element.EnumerateObject())
            metadata[GoJsonText.NameOf(pair)] = Text(pair.Value, $"Metadata[{GoJsonText.NameOf(pair)}]") ?? "";
    }

    private static string Option(JsonElement options, string name)
    {
        foreach (var property in options.EnumerateObject())
        {
            if (GoJsonText.IsField(property, name))
                return Text(property.Value, $"Options.{name}") ?? "";
        }

        return "";
    }

    private static string? Text(JsonElement element, string field) => element.ValueKind switch
    {
        JsonValueKind.String => GoJsonText.Of(element),
        JsonValueKind.Null => null,
        _ => throw Fault($"'{field}' expected type 'string', got unconvertible type '{GoType(element)}', value: '{GoValue(element)}'"),
    };

    private static ApiException Fault(string cause) => StateBodies.BodyFault($"1 error(s) decoding:\n\n* {cause}");

    private static string GoType(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => "float64",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "[]interface {}",
        _ => "map[string]interface {}",
    };

    private static string GoKind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => "float64",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "slice",
        _ => "string",
    };

    private static string GoValue(JsonElement element) => element.ValueKind == JsonValueKind.Number ? GoJsonWriter.Number(element, GoJson.General) : element.GetRawText();
}
