namespace RealTimeMesh.Pipelines;

/// <summary>How the CSV files of a source are written.</summary>
internal static class CsvSection
{
    private static readonly Dictionary<string, CsvEncoding> Encodings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = CsvEncoding.Utf8,
        ["utf-16"] = CsvEncoding.Utf16,
        ["windows-1252"] = CsvEncoding.Windows1252,
        ["iso-8859-1"] = CsvEncoding.Latin1,
    };

    public static CsvLayout Read(YamlMap source, string? format)
    {
        if (!source.TryFind("csv", out var element))
            return CsvLayout.Default;
        if (format is not (null or FileFormats.Csv))
            element.Fault($"a layout of CSV for format {format}", "none", "Remove 'csv'.");
        if (element.Map("a mapping", "delimiter", "quote", "escape", "header", "columns", "null", "decimal", "comment", "formats", "encoding") is not { } map)
            return CsvLayout.Default;
        var layout = new CsvLayout
        {
            Delimiter = Character(map, "delimiter", ','),
            Quote = Character(map, "quote", '"'),
            Escape = Character(map, "escape", '\0'),
            Columns = map.TryFind("columns", out var columns) ? columns.Texts("the names of the columns") ?? [] : [],
            Null = map.TryFind("null", out var none) ? none.Text("the text that stands for no value") : null,
            DecimalComma = map.TryFind("decimal", out var point) && IsComma(point),
            Comment = map.TryFind("comment", out var comment) ? comment.Text("the text that begins a comment") : null,
            Formats = ReadFormats(map),
            Encoding = map.TryFind("encoding", out var encoding) ? ReadEncoding(encoding) : CsvEncoding.Utf8,
        };
        layout = layout with { Header = map.Boolean("header", layout.Columns.Count == 0) };
        Check(element, layout);
        return layout;
    }

    private static void Check(YamlElement element, CsvLayout layout)
    {
        if (!layout.Header && layout.Columns.Count == 0)
            element.Fault("neither a header nor columns", "one that names the columns", "List them under 'columns', or remove 'header: false'.");
        char[] special = [layout.Delimiter, layout.Quote, layout.Escape];
        var used = special.Where(c => c != '\0').ToList();
        if (used.Distinct().Count() < used.Count && !(layout.Escape == layout.Quote && layout.Delimiter != layout.Quote))
            element.Fault("a delimiter, quote and escape of which two are the same", "different characters", "Change one of them.");
        if (layout.Columns.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            element.Fault($"two columns '{twice.Key}'", "names that differ", "Rename one of them.");
        if (layout.Comment is "")
            element.Fault("an empty text that begins comments", "at least one character", "Remove 'comment'.");
    }

    private static char Character(YamlMap map, string key, char otherwise)
    {
        if (!map.TryFind(key, out var element) || element.Text("one character, \\t, or none") is not { } text)
            return otherwise;
        var character = text switch { "none" => '\0', "\\t" or "tab" => '\t', [var one] => one, _ => '\uFFFF' };
        if (char.IsAscii(character) && character is not ('\n' or '\r') && (character != '\0' || key != "delimiter"))
            return character;
        element.Fault($"'{text}'", key == "delimiter" ? "one ASCII character or tab" : "one ASCII character or none", "Correct it.");
        return otherwise;
    }

    private static bool IsComma(YamlElement element)
    {
        var text = element.Text("point or comma");
        if (text is not (null or "comma" or "point"))
            element.Fault($"'{text}'", "point or comma", "Choose one of these.");
        return text == "comma";
    }

    private static CsvEncoding ReadEncoding(YamlElement element)
    {
        var expected = $"one of {string.Join(", ", Encodings.Keys)}";
        if (element.Text(expected) is not { } name)
            return CsvEncoding.Utf8;
        if (Encodings.TryGetValue(name, out var encoding))
            return encoding;
        element.Fault($"encoding '{name}'", expected, "Choose one of these, or convert the files.");
        return CsvEncoding.Utf8;
    }

    private static Dictionary<string, string> ReadFormats(YamlMap map)
    {
        var formats = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!map.TryFind("formats", out var element) || element.Map("a mapping of fields to formats") is not { } fields)
            return formats;
        foreach (var (field, value) in fields.Entries)
        {
            if (value.Text("a format such as dd.MM.yyyy HH:mm") is not { } format)
                continue;
            if (IsFormat(format))
                formats[field] = format;
            else
                value.Fault($"'{format}'", "a format of dates or times as .NET writes it", "Correct it, such as dd.MM.yyyy HH:mm:ss.");
        }

        return formats;
    }

    private static bool IsFormat(string format)
    {
        try
        {
            var text = DateTime.UnixEpoch.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
            return format.Length > 1 && DateTime.TryParseExact(text, format, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out _);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
