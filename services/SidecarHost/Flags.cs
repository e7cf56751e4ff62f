using System.Globalization;

namespace RealTimeMesh.SidecarHost;

/// <summary>Flags of the form <c>--name=value</c>, <c>--name value</c>, <c>--name</c>, with one dash or two; repeatable.</summary>
internal sealed class Flags
{
    private readonly List<(string Name, string Value)> _values = [];

    public Flags(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var text = args[i].TrimStart('-');
            var equals = text.IndexOf('=');
            if (equals >= 0)
                _values.Add((text[..equals], text[(equals + 1)..]));
            else if (i + 1 < args.Length && !args[i + 1].StartsWith('-'))
                _values.Add((text, args[++i]));
            else
                _values.Add((text, "true"));
        }
    }

    public List<string> All(string name) => [.. _values.Where(pair => pair.Name == name).Select(pair => pair.Value)];

    public string? Last(string name) => _values.LastOrDefault(pair => pair.Name == name).Value;

    public int? Number(string name) => Last(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
