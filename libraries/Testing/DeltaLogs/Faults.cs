using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>The faults found so far; no more than a reader can look at.</summary>
internal sealed class Faults
{
    private const int Most = 200;
    private readonly List<LogFault> _found = [];

    public IReadOnlyList<LogFault> Found => _found;

    public void Add(long version, string subject, string found, string expected)
    {
        if (_found.Count < Most)
            _found.Add(new LogFault(version, subject, found, expected));
    }

    public static string Text(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "nothing";
        return text.Length > 300 ? text[..300] + "…" : text;
    }
}
