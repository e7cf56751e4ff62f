using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>The text of option values.</summary>
internal static class ProtoValues
{
    public static string Write(ProtoValue value, string indent, bool sorted)
    {
        switch (value)
        {
            case ProtoText text:
                return $"\"{Escape(text.Text)}\"";
            case ProtoWord word:
                return word.Text;
            case ProtoMap map:
                var members = sorted ? map.Members.OrderBy(member => member.Key, StringComparer.Ordinal).ToArray() : [.. map.Members];
                return $"{{\n{Lines(members.Select(member => $"{member.Key}: {Write(member.Value, indent + "  ", sorted)}"), indent)}{indent}}}";
            default:
                var items = ((ProtoList)value).Items;
                return items.Count == 1
                    ? $"[{Write(items[0], indent, sorted)}]"
                    : $"[\n{Lines(items.Select(item => Write(item, indent + "  ", sorted)), indent)}{indent}]";
        }
    }

    private static string Lines(IEnumerable<string> lines, string indent) =>
        string.Concat(lines.Select((line, i) => $"{(i > 0 ? ",\n" : "")}{indent}  {line}")) is { Length: > 0 } text ? text + "\n" : "";

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            escaped.Append(c switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                < ' ' => $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }
}
