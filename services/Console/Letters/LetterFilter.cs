using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Letters;

/// <summary>Which letters a page is about, as its address says. The names are the service's.</summary>
public sealed class LetterFilter
{
    private static readonly string[] s_names = ["class", "rule", "field", "topic", "deadLetterTopic", "consumer", "fingerprint", "state", "since", "until", "key", "trace", "text", "id"];

    private const int MostIds = 1_000;

    private readonly List<(string Name, string Value)> _parts;

    private LetterFilter(IEnumerable<(string Name, string Value)> parts) =>
        _parts = [.. parts.GroupBy(part => part.Name, StringComparer.Ordinal).SelectMany(group => group.Key is "id" or "state" ? group.Take(MostIds) : group.Take(1))];

    public bool IsEmpty => _parts.Count == 0;

    public string? this[string name] => _parts.FirstOrDefault(part => part.Name == name).Value;

    public static LetterFilter From(IQueryCollection query) =>
        new([.. s_names.SelectMany(name => query[name].Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => (name, value!.Trim())))]);

    public static LetterFilter From(IFormCollection form) =>
        new([.. s_names.SelectMany(name => form[name].Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => (name, value!.Trim())))]);

    /// <summary>A field of the filter as people say it.</summary>
    public static string Label(string name) => name switch
    {
        "topic" => "topic it was meant for",
        "deadLetterTopic" => "dead-letter topic",
        "consumer" => "given up by",
        "fingerprint" => "cause",
        "since" or "until" => $"{name} (UTC)",
        "id" => "letter",
        _ => name,
    };

    /// <summary>As the end of an address, with the parameters before it.</summary>
    public string Query(string before = "") => string.Join('&', [.. before.Length == 0 ? Array.Empty<string>() : [before], .. _parts.Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value)}")]);

    /// <summary>In words.</summary>
    public string Words => IsEmpty ? "all letters" : string.Join(", ", _parts.Select(part => $"{Label(part.Name)} {part.Value}"));

    /// <summary>Its parts, for hidden fields of a form.</summary>
    public IReadOnlyList<(string Name, string Value)> Parts => _parts;

    /// <summary>As the service takes it in a body.</summary>
    public IReadOnlyDictionary<string, object> Body()
    {
        var body = _parts.Where(part => part.Name is not ("state" or "trace" or "id")).ToDictionary(part => part.Name, part => (object)part.Value);
        body["states"] = All("state").SelectMany(states => states.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        body["ids"] = All("id").ToArray();
        if (this["trace"] is { } trace)
            body["traceId"] = trace;
        return body;
    }

    private IEnumerable<string> All(string name) => _parts.Where(part => part.Name == name).Select(part => part.Value);
}
