using System.Text.Json;

namespace RealTimeMesh.DuckDb.Tests.Tables;

/// <summary>The ready-made tables of other engines, beside this repository where they are.</summary>
internal static class SharedTables
{
    public const string Absent = "the collection of ready-made tables is not beside this repository";

    /// <summary>The folder of a table of the collection; skips the test where the collection is absent.</summary>
    public static string Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "delta-tables", name);
            if (Directory.Exists(path))
                return path;
        }

        Assert.Skip(Absent);
        return "";
    }

    /// <summary>Lines of JSON in a form in which equal rows are equal texts, in order.</summary>
    public static IReadOnlyList<string> Rows(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.Length > 0).Select(line => Canonical(JsonDocument.Parse(line).RootElement)).Order(StringComparer.Ordinal)];

    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"\"{item.Name}\":{Canonical(item.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? $"{whole}" : value.GetDouble() is var number && number == Math.Floor(number) && Math.Abs(number) < 1e15 ? $"{(long)number}" : $"{number:R}",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        _ => value.GetRawText(),
    };
}
