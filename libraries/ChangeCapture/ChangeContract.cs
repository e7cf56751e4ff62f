using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RealTimeMesh.ChangeCapture;

/// <summary>Makes an Avro contract for the changes of tables: their columns, and what tells of a change.</summary>
public static partial class ChangeContract
{
    // What a decimal of .NET holds.
    private const int MostDigits = 28;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="name">The record's full name, such as <c>shop.Order</c>.</param>
    /// <param name="tables">The tables; columns of one name become one field.</param>
    /// <param name="skipped">Columns that the contract leaves out, with the reason.</param>
    public static string Of(string name, IReadOnlyList<ChangeTable> tables, out IReadOnlyList<string> skipped)
    {
        List<string> left = [];
        JsonArray fields = [];
        foreach (var columns in tables.SelectMany(table => table.Columns.Select(column => (table, column))).GroupBy(item => item.column.Name, StringComparer.Ordinal))
        {
            if (!AvroName().IsMatch(columns.Key) || ChangeFields.All.Contains(columns.Key))
            {
                left.Add($"column '{columns.Key}' of {columns.First().table.Name}: {(ChangeFields.All.Contains(columns.Key) ? "its name is that of a field of the change" : "its name is no Avro name (letters, digits and _)")}");
                continue;
            }

            var types = columns.Select(item => TypeOf(item.column).ToJsonString()).Distinct().ToList();
            var type = types.Count == 1 ? JsonNode.Parse(types[0])! : JsonValue.Create("string");
            // Deletions tell nothing but the key.
            var key = columns.Count() == tables.Count && columns.All(item => item.column.IsKey);
            fields.Add(key
                ? new JsonObject { ["name"] = columns.Key, ["type"] = type }
                : new JsonObject { ["name"] = columns.Key, ["type"] = new JsonArray("null", type), ["default"] = null });
        }

        Add(ChangeFields.Operation, "string", "c inserted, u updated, d deleted, r read at first, t table emptied");
        if (tables.Count > 1)
            Add(ChangeFields.Table, "string", "table with its schema");
        Add(ChangeFields.Lsn, "long", "place of the transaction's commit in the log");
        Add(ChangeFields.Index, "long", "place of the change within its transaction");
        Add(ChangeFields.Transaction, "long", "number of the transaction");
        Add(ChangeFields.CommittedAt, new JsonObject { ["type"] = "long", ["logicalType"] = "timestamp-micros" }, "when the transaction was committed");
        skipped = left;
        var parts = name.LastIndexOf('.') is > 0 and var dot ? (Space: name[..dot], Name: name[(dot + 1)..]) : (Space: "", Name: name);
        var record = new JsonObject { ["type"] = "record", ["name"] = parts.Name };
        if (parts.Space.Length > 0)
            record["namespace"] = parts.Space;
        record["fields"] = fields;
        return record.ToJsonString(Indented);

        void Add(string field, JsonNode type, string doc) => fields.Add(new JsonObject { ["name"] = field, ["type"] = type, ["doc"] = doc });
    }

    private static JsonNode TypeOf(ChangeColumn column) => column.Kind switch
    {
        ChangeKind.Boolean => "boolean",
        ChangeKind.Int16 or ChangeKind.Int32 => "int",
        ChangeKind.Int64 => "long",
        ChangeKind.Float32 => "float",
        ChangeKind.Float64 => "double",
        ChangeKind.Decimal when column is { Precision: > 0 and <= MostDigits, Scale: >= 0 } && column.Scale <= column.Precision =>
            new JsonObject { ["type"] = "bytes", ["logicalType"] = "decimal", ["precision"] = column.Precision, ["scale"] = column.Scale },
        ChangeKind.Date => new JsonObject { ["type"] = "int", ["logicalType"] = "date" },
        ChangeKind.Timestamp or ChangeKind.LocalTimestamp => new JsonObject { ["type"] = "long", ["logicalType"] = "timestamp-micros" },
        ChangeKind.Bytes => "bytes",
        ChangeKind.Uuid => new JsonObject { ["type"] = "string", ["logicalType"] = "uuid" },
        // Numbers without limit, enums, JSON, arrays and the rest keep the database's own text.
        _ => "string",
    };

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex AvroName();
}
