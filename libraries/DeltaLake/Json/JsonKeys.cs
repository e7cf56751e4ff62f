using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;

namespace RealTimeMesh.DeltaLake;

/// <summary>Keys of a map as names of an object: the text of the value as JSON, without quotes.</summary>
internal static class JsonKeys
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Func<int, string> Of(IArrowArray keys)
    {
        if (keys is StringArray texts)
            return row => texts.GetString(row);
        var cell = JsonCells.Of(keys);
        return row =>
        {
            var output = new ArrayBufferWriter<byte>(32);
            using (var writer = new Utf8JsonWriter(output, s_options))
                cell(writer, row);
            var text = Encoding.UTF8.GetString(output.WrittenSpan);
            return text.StartsWith('"') ? JsonDocument.Parse(text).RootElement.GetString()! : text;
        };
    }
}
