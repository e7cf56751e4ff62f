using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>Actions as JSON, one a line.</summary>
internal static class LogText
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public static IReadOnlyList<LogAction> Read(string path, bool strict, Action<string, string, string> fault)
    {
        List<LogAction> actions = [];
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (Parse(line, out var wrong) is not { } json)
            {
                fault($"{Path.GetFileName(path)}, line {number}", wrong, "a JSON object with the name of an action");
                continue;
            }

            if (strict ? json.Count != 1 : json.Count == 0)
                fault($"{Path.GetFileName(path)}, line {number}", $"{json.Count} fields", "one action");
            foreach (var (name, body) in json)
            {
                if (body is JsonObject action)
                    actions.Add(new LogAction(name, action, number));
                else if (strict || body is not null)
                    fault($"{Path.GetFileName(path)}, line {number}, {name}", Faults.Text(body), "an object");
            }
        }

        return actions;
    }

    /// <summary>Null where the text is no JSON object.</summary>
    public static JsonObject? Parse(string text, out string wrong)
    {
        try
        {
            wrong = text.Length > 200 ? text[..200] : text;
            return JsonNode.Parse(text, null, s_strict) as JsonObject;
        }
        catch (JsonException exception)
        {
            wrong = exception.Message;
            return null;
        }
    }
}
