using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>One comparison of a field with a value: <c>path operator literal</c>.</summary>
internal sealed partial class Comparison
{
    private readonly string[] _path;
    private readonly string _operator;
    private readonly string _text;
    private readonly decimal? _number;

    private Comparison(string[] path, string @operator, string text)
    {
        (_path, _operator, _text) = (path, @operator, text);
        _number = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public static Comparison Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
            throw Refuse.Invalid("where", $"'{text}'", "FIELD OPERATOR VALUE with =, !=, <, <=, >, >= or contains, such as price > 10", "name a field of the value (a.b for one within), key, partition, offset, timestamp or header.NAME");
        var literal = match.Groups["value"].Value.Trim();
        if (literal.Length >= 2 && literal[0] == literal[^1] && literal[0] is '\'' or '"')
            literal = literal[1..^1];
        return new Comparison(match.Groups["path"].Value.Split('.'), match.Groups["operator"].Value, literal);
    }

    /// <summary>A field that is not there differs from every value and is neither more nor less.</summary>
    public bool Holds(PlacedRecord placed, DecodedValue value)
    {
        var found = Find(placed, value);
        if (_operator == "contains")
            return found?.Contains(_text, StringComparison.OrdinalIgnoreCase) == true;
        if (found is null)
            return _operator == "!=" ? _text != "null" : _operator == "=" && _text == "null";
        var order = _number is { } number && decimal.TryParse(found, NumberStyles.Float, CultureInfo.InvariantCulture, out var other)
            ? other.CompareTo(number)
            : string.CompareOrdinal(found, _text);
        return _operator switch { "=" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private string? Find(PlacedRecord placed, DecodedValue value)
    {
        var record = placed.Record;
        switch (_path)
        {
            case ["key"]:
                return record.Key is { } key ? MessageDecoder.Label(key.Span) : null;
            case ["partition"]:
                return placed.Partition.ToString(CultureInfo.InvariantCulture);
            case ["offset"]:
                return record.Offset.ToString(CultureInfo.InvariantCulture);
            case ["timestamp"]:
                return DateTimeOffset.FromUnixTimeMilliseconds(record.Timestamp).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            case ["header", .. var name]:
                return record.Headers.Find(string.Join('.', name));
        }

        var node = value.Value;
        foreach (var step in _path)
        {
            node = node switch
            {
                JsonObject within => within.TryGetPropertyValue(step, out var field) ? field : null,
                JsonArray array when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count => array[index],
                _ => null,
            };
        }

        return node switch
        {
            null => null,
            JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String => leaf.GetValue<string>(),
            _ => node.ToJsonString(MessageDecoder.Relaxed),
        };
    }

    [GeneratedRegex(@"^\s*(?<path>[\w.@$-]+)\s*(?<operator>!=|<=|>=|=|<|>|\bcontains\b)(?<value>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
