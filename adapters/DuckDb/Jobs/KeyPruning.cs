using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>Leaves out target files whose statistics say that none of the keys can be in them.</summary>
internal static class KeyPruning
{
    /// <summary>Files that may hold one of the keys in <paramref name="keyTable"/>.</summary>
    public static async Task<IReadOnlyList<AddFile>> CandidatesAsync(DuckDbSession session, string keyTable, Snapshot target, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<AddFile> files = target.Files;
        foreach (var key in keys)
        {
            var field = target.RowSchema.Fields[target.RowSchema.IndexOf(key)];
            if (files.Count == 0 || field.Type is not (FieldType.String or FieldType.Int32 or FieldType.Int64 or FieldType.Date))
                continue;
            var name = SqlText.Identifier(key);
            var range = (await session.RowsAsync($"SELECT min({name})::VARCHAR, max({name})::VARCHAR, count(*) FILTER ({name} IS NULL) FROM {keyTable}", cancellationToken))[0];
            if (range[0] is not string low || range[1] is not string high || Convert.ToInt64(range[2], CultureInfo.InvariantCulture) > 0)
                continue;
            files = [.. files.Where(file => Overlaps(file, field, low, high))];
        }

        return files;
    }

    private static bool Overlaps(AddFile file, Field field, string low, string high)
    {
        if (file.Stats is null)
            return true;
        using var stats = JsonDocument.Parse(file.Stats);
        return Bound(stats, "minValues", field.Name) is not { } min || Bound(stats, "maxValues", field.Name) is not { } max
            || (Compare(field.Type, min, high) <= 0 && Compare(field.Type, max, low) >= 0);
    }

    private static string? Bound(JsonDocument stats, string side, string column) =>
        stats.RootElement.TryGetProperty(side, out var values) && values.ValueKind == JsonValueKind.Object && values.TryGetProperty(column, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;

    // Delta orders strings by their UTF-8 bytes, as DuckDB does; UTF-16 order differs beyond the basic plane.
    private static int Compare(FieldType type, string left, string right) =>
        type is FieldType.Int32 or FieldType.Int64
            ? long.Parse(left, CultureInfo.InvariantCulture).CompareTo(long.Parse(right, CultureInfo.InvariantCulture))
            : Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
}
