using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The metaData action: identity, schema, partitioning, column mapping.</summary>
internal sealed class MetadataRules(Faults faults, bool strict)
{
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(" ,;{}()\n\t=");
    private readonly Dictionary<long, string> _physicalOfId = [];
    private long _maxId;

    /// <param name="before">The fields of the version before.</param>
    /// <param name="keepsFiles">Whether files of the version before are still live.</param>
    public void Check(ReplayedLog state, IReadOnlyList<LogField> before, bool keepsFiles)
    {
        void Fault(string subject, string found, string expected) => faults.Add(state.Version, $"metaData.{subject}", found, expected);
        var metadata = state.Metadata!;
        if (strict && !Guid.TryParse(metadata["id"]?.ToString(), out _))
            Fault("id", Faults.Text(metadata["id"]), "a GUID");
        if (metadata["format"]?["provider"]?.ToString() != "parquet")
            Fault("format", Faults.Text(metadata["format"]), "provider parquet");
        try
        {
            LogField.Parse(metadata["schemaString"]?.ToString() ?? "");
        }
        catch (JsonException exception)
        {
            Fault("schemaString", exception.Message, "a struct type as JSON");
            return;
        }

        Partitioning(state, Fault);
        Names(state, Fault);
        if (state.IsMapped)
            Mapping(state, Fault);
        Identity(state, before, Fault);
        Changes(state, before, keepsFiles, Fault);
    }

    private static void Partitioning(ReplayedLog state, Action<string, string, string> fault)
    {
        var top = state.Schema.Where(field => field.Path.Count == 1).ToList();
        foreach (var column in state.PartitionColumns)
        {
            var field = top.Find(item => item.Name == column);
            if (field is null)
                fault("partitionColumns", column, $"one of {string.Join(", ", top.Select(item => item.Name))}");
            else if (field.Type is JsonObject || field.TypeName is "variant" or "void")
                fault("partitionColumns", $"{column} of type {field.TypeName}", "a primitive type");
        }

        if (state.PartitionColumns.Distinct(StringComparer.OrdinalIgnoreCase).Count() != state.PartitionColumns.Count)
            fault("partitionColumns", string.Join(", ", state.PartitionColumns), "each once");
        if (state.PartitionColumns.Count > 0 && state.Domains.TryGetValue("delta.clustering", out var clustering) && clustering.Text("configuration")?.Contains("[]", StringComparison.Ordinal) == false)
            fault("partitionColumns", string.Join(", ", state.PartitionColumns), "none in a clustered table");
    }

    private static void Names(ReplayedLog state, Action<string, string, string> fault)
    {
        foreach (var siblings in state.Schema.GroupBy(field => string.Join('\0', field.Path.SkipLast(1)), StringComparer.Ordinal))
        {
            foreach (var twice in siblings.GroupBy(field => field.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
                fault("schemaString", $"column {twice.First().Dotted} {twice.Count()} times", "names that differ without their case");
        }

        if (!state.IsMapped && state.Schema.FirstOrDefault(field => field.Name.AsSpan().IndexOfAny(s_forbidden) >= 0) is { } odd)
            fault("schemaString", $"column '{odd.Dotted}'", "no ' ,;{}()\\n\\t=' in names without column mapping");
    }

    private void Mapping(ReplayedLog state, Action<string, string, string> fault)
    {
        var declared = long.TryParse(state.Property("delta.columnMapping.maxColumnId"), out var max) ? max : -1;
        if (declared < 0)
            fault("configuration", "no delta.columnMapping.maxColumnId", "the highest id given to a column");
        if (declared < _maxId)
            fault("configuration", $"delta.columnMapping.maxColumnId {declared}", $"no less than {_maxId} before");
        HashSet<long> ids = [];
        foreach (var field in state.Schema)
        {
            if (field.Metadata["delta.columnMapping.id"] is not JsonValue value || !value.TryGetValue<long>(out var id) || field.Metadata["delta.columnMapping.physicalName"] is not JsonValue)
            {
                fault("schemaString", $"column {field.Dotted} with {Faults.Text(field.Metadata)}", "delta.columnMapping.id and .physicalName on every field");
                continue;
            }

            var physical = string.Join('.', field.Physical);
            if (!ids.Add(id))
                fault("schemaString", $"id {id} of column {field.Dotted} twice", "ids given once");
            if (id > declared)
                fault("schemaString", $"id {id} of column {field.Dotted}", $"at most delta.columnMapping.maxColumnId, {declared}");
            if (_physicalOfId.TryGetValue(id, out var old))
            {
                if (old != physical)
                    fault("schemaString", $"id {id} of column {field.Dotted} with physical name {physical}", $"{old}, as before");
            }
            else if (strict && _maxId > 0 && id <= _maxId)
            {
                fault("schemaString", $"new column {field.Dotted} with id {id}", $"one above {_maxId}");
            }

            _physicalOfId[id] = physical;
        }

        foreach (var twice in state.Schema.GroupBy(field => string.Join('\0', field.Physical)).Where(group => group.Count() > 1))
            fault("schemaString", $"physical name {string.Join('.', twice.First().Physical)} twice", "unique physical paths");
        _maxId = Math.Max(_maxId, declared);
    }

    private static void Identity(ReplayedLog state, IReadOnlyList<LogField> before, Action<string, string, string> fault)
    {
        foreach (var field in state.Schema.Where(field => field.Metadata.Any(item => item.Key.StartsWith("delta.identity.", StringComparison.Ordinal))))
        {
            if (field.Metadata["delta.identity.start"] is not JsonValue || field.Metadata["delta.identity.step"] is not JsonValue step || step.GetValue<long>() == 0 || field.Metadata["delta.identity.allowExplicitInsert"] is not JsonValue)
                fault("schemaString", $"column {field.Dotted} with {Faults.Text(field.Metadata)}", "delta.identity.start, .step other than 0, .allowExplicitInsert");
            else if (field.TypeName != "long")
                fault("schemaString", $"identity column {field.Dotted} of type {field.TypeName}", "long");
            else if (before.FirstOrDefault(old => old.Dotted == field.Dotted)?.Metadata["delta.identity.highWaterMark"] is JsonValue mark
                && (field.Metadata["delta.identity.highWaterMark"] is not JsonValue now || (now.GetValue<long>() - mark.GetValue<long>()) * Math.Sign(step.GetValue<long>()) < 0))
                fault("schemaString", $"column {field.Dotted}: delta.identity.highWaterMark {Faults.Text(field.Metadata["delta.identity.highWaterMark"])}", $"no less than {mark}");
        }
    }

    /// <summary>A restore takes a widening back.</summary>
    private static bool WentBack(LogField old, LogField field) => (old.Metadata["delta.typeChanges"] as JsonArray)?.Any(change => change?["fromType"]?.ToString() == field.TypeName) == true;

    /// <summary>A column whose type differs while files of the older one are live was widened, and says so.</summary>
    private static void Changes(ReplayedLog state, IReadOnlyList<LogField> before, bool keepsFiles, Action<string, string, string> fault)
    {
        foreach (var field in state.Schema.Where(field => field.Type is JsonValue))
        {
            var changes = field.Metadata["delta.typeChanges"] as JsonArray;
            if (changes is { Count: > 0 } && changes[^1]?["fieldPath"] is null && changes[^1]?["toType"]?.ToString() != field.TypeName)
                fault("schemaString", $"column {field.Dotted} {field.TypeName} with delta.typeChanges {Faults.Text(changes)}", "the last change to the column's type");
            var old = before.FirstOrDefault(item => state.IsMapped && item.Metadata["delta.columnMapping.id"] is { } id ? JsonNode.DeepEquals(id, field.Metadata["delta.columnMapping.id"]) : item.Dotted == field.Dotted);
            if (keepsFiles && old is not null && old.Type is JsonValue && old.TypeName is not ("void" or "null") && old.TypeName != field.TypeName && changes?.Any(change => change?["fromType"]?.ToString() == old.TypeName) != true && !WentBack(old, field))
                fault("schemaString", $"column {field.Dotted} {field.TypeName}, was {old.TypeName}, files of before live", "delta.typeChanges from it");
        }
    }
}
