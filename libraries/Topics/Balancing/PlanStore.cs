using System.Text.Json;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>A JSON file for each plan.</summary>
internal sealed class PlanStore(string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Save(RebalancingPlan plan)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(plan.Id);
        File.WriteAllBytes(path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(plan, Json));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    public RebalancingPlan? Find(string id) => id.Length > 0 && id.All(char.IsAsciiLetterOrDigit) && File.Exists(PathOf(id))
        ? JsonSerializer.Deserialize<RebalancingPlan>(File.ReadAllBytes(PathOf(id)), Json)
        : null;

    /// <summary>The newest before one (all where null), newest first: ids sort as they were made.</summary>
    public IReadOnlyList<RebalancingPlan> Newest(int count, string? before) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Where(id => before is null || string.CompareOrdinal(id, before) < 0)
            .OrderDescending(StringComparer.Ordinal).Take(count).Select(Find).OfType<RebalancingPlan>()]
        : [];

    private string PathOf(string id) => Path.Combine(folder, $"{id}.json");
}
