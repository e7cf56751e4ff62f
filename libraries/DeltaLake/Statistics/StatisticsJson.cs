using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealTimeMesh.DeltaLake;

/// <summary>The JSON text of <c>add.stats</c> (PROTOCOL.md, "Per-file Statistics").</summary>
internal static class StatisticsJson
{
    /// <summary>Texts as the log has them: nothing escaped that need not be.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The columns must be in the schema's order, so that fields of a struct stand together.</summary>
    public static string Write(long rows, IReadOnlyList<ColumnStatistics> columns)
    {
        var output = new StringBuilder(64 + (columns.Count * 96));
        output.Append(CultureInfo.InvariantCulture, $"{{\"numRecords\":{rows}");
        Append(output, "minValues", columns, column => column.Min);
        Append(output, "maxValues", columns, column => column.Max);
        Append(output, "nullCount", columns, column => column.NullCount < 0 ? null : column.NullCount.ToString(CultureInfo.InvariantCulture));
        return output.Append('}').ToString();
    }

    /// <summary>The same statistics, said to be of rows of which some are deleted: <c>tightBounds</c> false.</summary>
    public static string Widen(string stats)
    {
        var json = JsonNode.Parse(stats)!.AsObject();
        json["tightBounds"] = false;
        return json.ToJsonString();
    }

    private static void Append(StringBuilder output, string name, IReadOnlyList<ColumnStatistics> columns, Func<ColumnStatistics, string?> value)
    {
        output.Append(",\"").Append(name).Append("\":");
        var texts = columns.Select(column => (column.Path, Text: value(column)!)).Where(item => item.Text is not null).ToList();
        AppendFields(output, texts, 0);
    }

    private static void AppendFields(StringBuilder output, List<(IReadOnlyList<string> Path, string Text)> items, int depth)
    {
        output.Append('{');
        for (var i = 0; i < items.Count;)
        {
            var name = items[i].Path[depth];
            output.Append(i == 0 ? "\"" : ",\"").Append(JsonEncodedText.Encode(name)).Append("\":");
            if (items[i].Path.Count == depth + 1)
            {
                output.Append(items[i++].Text);
                continue;
            }

            var end = i;
            while (end < items.Count && items[end].Path.Count > depth + 1 && items[end].Path[depth] == name)
                end++;
            AppendFields(output, items.GetRange(i, end - i), depth + 1);
            i = end;
        }

        output.Append('}');
    }
}
