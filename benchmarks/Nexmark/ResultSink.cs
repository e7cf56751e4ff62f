using RealTimeMesh.Contracts;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.Benchmarks.Nexmark;

/// <summary>Counts results; keeps them as texts where they are to be compared.</summary>
internal sealed class ResultSink(RowSchema schema, IReadOnlyList<string> columns, List<string>? kept) : Operator(schema)
{
    private readonly int[] _columns = [.. columns.Select(schema.IndexOf)];

    public long Count { get; private set; }

    public override void Process(int port, DataBatch batch)
    {
        Count += batch.Count;
        if (kept is null)
            return;
        for (var row = 0; row < batch.Count; row++)
            kept.Add(string.Join('|', _columns.Select(column => TextOf(batch.Rows.Columns[column].GetValue(row)))));
    }

    public override void Advance(int port, long watermark)
    {
    }

    public static string TextOf(object? value) => value switch
    {
        null => "null",
        double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
