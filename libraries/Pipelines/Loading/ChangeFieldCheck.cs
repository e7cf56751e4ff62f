using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>What a contract must have so that changes of tables fit it.</summary>
internal static class ChangeFieldCheck
{
    private static readonly Dictionary<string, FieldType[]> Types = new(StringComparer.Ordinal)
    {
        [ChangeFields.Operation] = [FieldType.String],
        [ChangeFields.Table] = [FieldType.String],
        [ChangeFields.Lsn] = [FieldType.Int64],
        [ChangeFields.Index] = [FieldType.Int64],
        [ChangeFields.Transaction] = [FieldType.Int64],
        [ChangeFields.CommittedAt] = [FieldType.Timestamp],
    };

    public static void Check(YamlElement contract, RowSchema schema)
    {
        if (schema.IndexOf(ChangeFields.Operation) < 0)
            contract.Fault($"a contract without the field '{ChangeFields.Operation}'", "one that tells deletions from updates", $"Add {{\"name\": \"{ChangeFields.Operation}\", \"type\": \"string\"}}: c, u, d, r or t.");
        foreach (var (name, types) in Types)
        {
            if (schema.IndexOf(name) is >= 0 and var i && !types.Contains(schema.Fields[i].Type))
                contract.Fault($"the field '{name}' of type {schema.Fields[i].Type.ToString().ToLowerInvariant()}", types[0] switch { FieldType.String => "string", FieldType.Int64 => "long", _ => "timestamp-micros" }, "Correct its type in the contract.");
        }
    }
}
