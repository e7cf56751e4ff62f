using System.Buffers;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>Lines of <c>key=value</c> as Go's logrus writes them: time, level and message first, the other keys sorted.</summary>
internal sealed class LogrusText : ILogFormat
{
    public void Write(IBufferWriter<byte> output, in LogLine line, LogIdentity identity)
    {
        var text = new StringBuilder(256);
        text.Append("time=");
        AppendValue(text, line.TimeText);
        text.Append(" level=").Append(line.Level).Append(" msg=");
        AppendValue(text, line.Message);
        if (line.Fields.Count == 0)
            AppendKnown(text, line.Scope, identity);
        else
            AppendAll(text, line, identity);
        text.Append('\n');
        foreach (var chunk in text.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, output);
    }

    private static void AppendKnown(StringBuilder text, string scope, LogIdentity identity)
    {
        if (identity.AppId.Length > 0)
            Append(text, "app_id", identity.AppId);
        Append(text, "instance", identity.Instance);
        Append(text, "scope", scope);
        Append(text, "type", "log");
        Append(text, "ver", identity.Version);
    }

    private static void AppendAll(StringBuilder text, in LogLine line, LogIdentity identity)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["instance"] = identity.Instance, ["scope"] = line.Scope, ["type"] = "log", ["ver"] = identity.Version,
        };
        if (identity.AppId.Length > 0)
            fields["app_id"] = identity.AppId;
        foreach (var (name, value) in line.Fields)
            fields[name] = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        foreach (var (name, value) in fields)
            Append(text, name, value);
    }

    private static void Append(StringBuilder text, string key, string value)
    {
        text.Append(' ').Append(key).Append('=');
        AppendValue(text, value);
    }

    private static void AppendValue(StringBuilder text, string value)
    {
        if (IsPlain(value))
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
            AppendEscaped(text, rune);
        text.Append('"');
    }

    private static bool IsPlain(string value)
    {
        foreach (var c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_' or '/' or '@' or '^' or '+'))
                return false;
        }

        return true;
    }

    /// <summary>As in a string literal of Go.</summary>
    private static void AppendEscaped(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
        {
            case '"':
                text.Append("\\\"");
                break;
            case '\\':
                text.Append("\\\\");
                break;
            case '\n':
                text.Append("\\n");
                break;
            case '\r':
                text.Append("\\r");
                break;
            case '\t':
                text.Append("\\t");
                break;
            case < 0x20 or 0x7f:
                text.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture));
                break;
            case > 0x7f when !IsPrintable(rune):
                text.Append(rune.Value > 0xffff ? "\\U" : "\\u").Append(rune.Value.ToString(rune.Value > 0xffff ? "x8" : "x4", CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(rune.ToString());
                break;
        }
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
