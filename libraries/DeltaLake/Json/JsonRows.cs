using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;

namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Writes rows as lines of JSON: decimals as strings, dates <c>YYYY-MM-DD</c>, timestamps in ISO 8601 with microseconds and <c>Z</c>,
/// those without zone the same without <c>Z</c>, bytes as upper-case hex, structs and maps as objects, NaN and the infinities as the
/// strings <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>.
/// </summary>
public sealed class JsonRows
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly JsonEncodedText[] _names;
    private readonly HashSet<int> _integers;

    /// <param name="schema">Columns of the batches.</param>
    /// <param name="integers">Positions of decimal columns of scale 0 that hold integers, such as the sum of a LONG: written as numbers.</param>
    public JsonRows(Schema schema, IEnumerable<int>? integers = null)
    {
        _names = [.. schema.FieldsList.Select(field => JsonEncodedText.Encode(field.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        _integers = [.. integers ?? []];
    }

    /// <summary>Writes one line for each row, at most <paramref name="most"/>.</summary>
    public void Write(RecordBatch batch, IBufferWriter<byte> output, long most = long.MaxValue)
    {
        var cells = new JsonCell[_names.Length];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = _integers.Contains(i) ? JsonCells.Integer(batch.Column(i)) : JsonCells.Of(batch.Column(i));
        using var writer = new Utf8JsonWriter(output, s_options);
        for (var row = 0; row < Math.Min(batch.Length, most); row++)
        {
            writer.WriteStartObject();
            for (var i = 0; i < cells.Length; i++)
            {
                writer.WritePropertyName(_names[i]);
                cells[i](writer, row);
            }

            writer.WriteEndObject();
            writer.Flush();
            output.Write("\n"u8);
            writer.Reset(output);
        }
    }
}
