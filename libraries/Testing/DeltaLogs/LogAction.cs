using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>One action of a commit or checkpoint.</summary>
internal sealed record LogAction(string Name, JsonObject Body, int Line)
{
    public string Path => Uri.UnescapeDataString(Text("path") ?? "");

    /// <summary>What identifies a logical file: the decoded path and the deletion vector.</summary>
    public string Key => $"{Path}|{VectorId}";

    public string? VectorId => Body["deletionVector"] is JsonObject vector
        ? $"{vector["storageType"]}{vector["pathOrInlineDv"]}{(vector["offset"] is { } offset ? $"@{offset}" : "")}"
        : null;

    public JsonObject? Vector => Body["deletionVector"] as JsonObject;

    /// <summary>How the action is called in a fault.</summary>
    public string Subject => Name switch
    {
        "add" or "remove" or "cdc" or "sidecar" => $"{Name} '{Path}'{(VectorId is { } id ? $" with vector {id}" : "")}",
        "txn" => $"txn '{Text("appId")}'",
        "domainMetadata" => $"domainMetadata '{Text("domain")}'",
        _ => Name,
    };

    public string? Text(string field) => Body[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public long? Whole(string field) => Body[field] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public bool? Flag(string field) => Body[field] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public bool IsDataChange => Flag("dataChange") ?? true;

    /// <summary>Rows that a reader sees; null where the statistics do not tell.</summary>
    public long? LiveRows => FileStatistics.Parse(this)?["numRecords"] is JsonValue value && value.TryGetValue<long>(out var rows) ? rows - (Vector?["cardinality"]?.GetValue<long>() ?? 0) : null;
}
