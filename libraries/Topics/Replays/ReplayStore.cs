using System.Text.Json;

namespace RealTimeMesh.Topics.Replays;

/// <summary>A JSON file for each replay, replaced as a whole and on the disk when a call returns.</summary>
internal sealed class ReplayStore(string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Save(Replay replay)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(replay.Id);
        using (var file = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, replay, Json);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }

    public Replay? Find(string id) => IsId(id) && File.Exists(PathOf(id)) ? Read(PathOf(id)) : null;

    /// <summary>The newest, those before one where it is named: ids rise with time.</summary>
    public IReadOnlyList<Replay> Newest(int count, string? before) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Where(id => before is null || string.CompareOrdinal(id, before) < 0)
            .OrderDescending(StringComparer.Ordinal).Take(count).Select(Find).OfType<Replay>()]
        : [];

    private static Replay Read(string path) => JsonSerializer.Deserialize<Replay>(File.ReadAllBytes(path), Json)!;

    private static bool IsId(string id) => id.Length > 0 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private string PathOf(string id) => Path.Combine(folder, $"{id}.json");
}
