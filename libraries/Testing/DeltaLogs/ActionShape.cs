using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

internal enum FieldKind
{
    Text,
    Whole,
    Flag,

    /// <summary>Texts to texts.</summary>
    TextMap,

    /// <summary>Texts to texts or null.</summary>
    NullableMap,
    Texts,
    Object,
    Any,
}

/// <summary>A field of an action, and where it is an object its fields.</summary>
internal sealed record FieldShape(string Name, FieldKind Kind, bool IsRequired, params FieldShape[] Fields);

/// <summary>The fields of each action (PROTOCOL.md, "Actions").</summary>
internal static class ActionShape
{
    private static readonly FieldShape s_vector = May("deletionVector", FieldKind.Object,
        Must("storageType", FieldKind.Text), Must("pathOrInlineDv", FieldKind.Text), May("offset", FieldKind.Whole), Must("sizeInBytes", FieldKind.Whole), Must("cardinality", FieldKind.Whole));

    private static readonly FieldShape[] s_rowIds = [May("baseRowId", FieldKind.Whole), May("defaultRowCommitVersion", FieldKind.Whole)];

    private static readonly Dictionary<string, FieldShape[]> s_actions = new(StringComparer.Ordinal)
    {
        ["protocol"] = [Must("minReaderVersion", FieldKind.Whole), Must("minWriterVersion", FieldKind.Whole), May("readerFeatures", FieldKind.Texts), May("writerFeatures", FieldKind.Texts)],
        ["metaData"] =
        [
            Must("id", FieldKind.Text), May("name", FieldKind.Text), May("description", FieldKind.Text), Must("schemaString", FieldKind.Text), Must("partitionColumns", FieldKind.Texts),
            Must("format", FieldKind.Object, Must("provider", FieldKind.Text), May("options", FieldKind.TextMap)), Must("configuration", FieldKind.TextMap), May("createdTime", FieldKind.Whole),
        ],
        ["add"] =
        [
            Must("path", FieldKind.Text), Must("partitionValues", FieldKind.NullableMap), Must("size", FieldKind.Whole), Must("modificationTime", FieldKind.Whole), Must("dataChange", FieldKind.Flag),
            May("stats", FieldKind.Text), May("tags", FieldKind.NullableMap), s_vector, .. s_rowIds, May("clusteringProvider", FieldKind.Text),
        ],
        ["remove"] =
        [
            Must("path", FieldKind.Text), May("deletionTimestamp", FieldKind.Whole), Must("dataChange", FieldKind.Flag), May("extendedFileMetadata", FieldKind.Flag),
            May("partitionValues", FieldKind.NullableMap), May("size", FieldKind.Whole), May("stats", FieldKind.Text), May("tags", FieldKind.NullableMap), s_vector, .. s_rowIds,
        ],
        ["cdc"] = [Must("path", FieldKind.Text), Must("partitionValues", FieldKind.NullableMap), Must("size", FieldKind.Whole), Must("dataChange", FieldKind.Flag), May("tags", FieldKind.NullableMap)],
        ["txn"] = [Must("appId", FieldKind.Text), Must("version", FieldKind.Whole), May("lastUpdated", FieldKind.Whole)],
        ["domainMetadata"] = [Must("domain", FieldKind.Text), Must("configuration", FieldKind.Text), Must("removed", FieldKind.Flag)],
        ["sidecar"] = [Must("path", FieldKind.Text), Must("sizeInBytes", FieldKind.Whole), Must("modificationTime", FieldKind.Whole), May("tags", FieldKind.TextMap)],
        ["checkpointMetadata"] = [Must("version", FieldKind.Whole), May("tags", FieldKind.TextMap)],
    };

    public static IEnumerable<string> Names => s_actions.Keys;

    public static bool IsKnown(string action) => s_actions.ContainsKey(action);

    /// <summary>The fields that checkpoints have in JSON or Parquet besides those of commits.</summary>
    public static bool IsDerived(string field) => field is "stats_parsed" or "partitionValues_parsed";

    /// <param name="fault">Told of field, found, expected.</param>
    /// <param name="allowNull">Checkpoints in Parquet have every column.</param>
    public static void Check(string action, JsonObject body, bool strict, bool allowNull, Action<string, string, string> fault) => Check(s_actions[action], body, "", strict, allowNull, fault);

    /// <summary>Whether a value is of a kind.</summary>
    public static bool Fits(JsonNode node, FieldKind kind) => kind switch
    {
        FieldKind.Text => node.GetValueKind() == JsonValueKind.String,
        FieldKind.Whole => node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<long>(out _),
        FieldKind.Flag => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        FieldKind.TextMap => node is JsonObject map && map.All(item => item.Value is not null && Fits(item.Value, FieldKind.Text)),
        FieldKind.NullableMap => node is JsonObject map && map.All(item => item.Value is null || Fits(item.Value, FieldKind.Text)),
        FieldKind.Texts => node is JsonArray array && array.All(item => item is not null && Fits(item, FieldKind.Text)),
        FieldKind.Object => node is JsonObject,
        _ => true,
    };

    private static void Check(FieldShape[] shape, JsonObject body, string prefix, bool strict, bool allowNull, Action<string, string, string> fault)
    {
        foreach (var field in shape)
        {
            var name = prefix + field.Name;
            if (!body.TryGetPropertyValue(field.Name, out var value) || value is null)
            {
                if (field.IsRequired)
                    fault(name, body.ContainsKey(field.Name) ? "null" : "no such field", field.Kind.ToString());
                else if (strict && !allowNull && body.ContainsKey(field.Name))
                    fault(name, "null", "no field where there is no value");
                continue;
            }

            if (!Fits(value, field.Kind))
                fault(name, Faults.Text(value), field.Kind.ToString());
            else if (value is JsonObject inner && field.Fields.Length > 0)
                Check(field.Fields, inner, name + ".", strict, allowNull, fault);
        }

        if (strict)
        {
            foreach (var (name, value) in body)
            {
                if (Array.TrueForAll(shape, field => field.Name != name) && !(allowNull && (value is null || IsDerived(name))))
                    fault(prefix + name, Faults.Text(value), "no field of this name");
            }
        }
    }

    private static FieldShape Must(string name, FieldKind kind, params FieldShape[] fields) => new(name, kind, true, fields);

    private static FieldShape May(string name, FieldKind kind, params FieldShape[] fields) => new(name, kind, false, fields);
}
