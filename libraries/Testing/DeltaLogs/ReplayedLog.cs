using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The state of a table as its actions are applied (PROTOCOL.md, "Action Reconciliation").</summary>
internal sealed class ReplayedLog
{
    private IReadOnlyList<LogField>? _schema;

    public long Version { get; set; } = -1;

    public JsonObject? Protocol { get; private set; }

    public JsonObject? Metadata { get; private set; }

    public LogAction? CommitInfo { get; private set; }

    public Dictionary<string, LogAction> Live { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, LogAction> Tombstones { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, LogAction> Transactions { get; } = new(StringComparer.Ordinal);

    /// <summary>Those that were not removed.</summary>
    public Dictionary<string, LogAction> Domains { get; } = new(StringComparer.Ordinal);

    /// <summary>Removed domains; a checkpoint does not hold them.</summary>
    public Dictionary<string, LogAction> RemovedDomains { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether every field carries the text of its schema.</summary>
    public IReadOnlyList<LogField> Schema
    {
        get
        {
            if (_schema is not null || Metadata is null)
                return _schema ?? [];
            try
            {
                return _schema = LogField.Parse(Metadata["schemaString"]?.ToString() ?? "");
            }
            catch (JsonException)
            {
                // The rules for metadata tell of it.
                return _schema = [];
            }
        }
    }

    public IReadOnlyList<string> PartitionColumns => [.. (Metadata?["partitionColumns"] as JsonArray ?? []).Select(item => item?.ToString() ?? "")];

    /// <summary>The partition columns as they stand in <c>partitionValues</c>.</summary>
    public IEnumerable<LogField> PartitionFields => PartitionColumns.Select(name => Schema.FirstOrDefault(item => item.Path.Count == 1 && item.Name == name)).OfType<LogField>();

    public bool IsMapped => Property("delta.columnMapping.mode") is "name" or "id";

    public string? Property(string name) => Metadata?["configuration"]?[name]?.ToString();

    public bool IsOn(string property) => string.Equals(Property(property), "true", StringComparison.OrdinalIgnoreCase);

    public int ReaderVersion => Number(Protocol?["minReaderVersion"]);

    public int WriterVersion => Number(Protocol?["minWriterVersion"]);

    public IReadOnlySet<string> WriterFeatures => Texts(Protocol?["writerFeatures"]);

    public IReadOnlySet<string> ReaderFeatures => Texts(Protocol?["readerFeatures"]);

    /// <summary>Columns of physical names, in <c>partitionValues</c> and statistics.</summary>
    public IReadOnlyList<string> Physical(LogField field) => IsMapped ? field.Physical : field.Path;

    public void Apply(long version, IEnumerable<LogAction> actions)
    {
        Version = version;
        CommitInfo = null;
        foreach (var action in actions)
            Apply(action);
    }

    private void Apply(LogAction action)
    {
        switch (action.Name)
        {
            case "protocol":
                Protocol = action.Body;
                break;
            case "metaData":
                (Metadata, _schema) = (action.Body, null);
                break;
            case "commitInfo":
                CommitInfo = action;
                break;
            case "add":
                Live[action.Key] = action;
                Tombstones.Remove(action.Key);
                break;
            case "remove":
                Live.Remove(action.Key);
                Tombstones[action.Key] = action;
                break;
            case "txn":
                Transactions[action.Text("appId") ?? ""] = action;
                break;
            case "domainMetadata":
                var domain = action.Text("domain") ?? "";
                Domains.Remove(domain);
                RemovedDomains.Remove(domain);
                (action.Flag("removed") == true ? RemovedDomains : Domains)[domain] = action;
                break;
            default:
                break;
        }
    }

    private static int Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    private static HashSet<string> Texts(JsonNode? node) => [.. (node as JsonArray ?? []).Select(item => item?.ToString() ?? "")];
}
