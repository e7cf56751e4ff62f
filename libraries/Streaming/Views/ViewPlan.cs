using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>A view compiled: its window arithmetic, group keys, accumulators and the names of its state rows.</summary>
internal sealed class ViewPlan
{
    private readonly int[] _cellOffsets;

    public ViewPlan(ViewDefinition definition, int pageWindows)
    {
        if (definition.Window < TimeSpan.FromMilliseconds(1))
            throw new StreamingException($"view '{definition.Pipeline}.{definition.Name}': found a window of {definition.Window}; expected 1 ms or more; lengthen the window.");
        Definition = definition;
        FullName = $"{definition.Pipeline}.{definition.Name}";
        PageWindows = pageWindows;
        WindowLength = (long)definition.Window.TotalMicroseconds;
        Lateness = (long)definition.AllowedLateness.TotalMicroseconds;
        // A window that still takes events must not be deleted.
        Retain = Math.Max(Lateness, (long)definition.Retain.TotalMicroseconds);
        Aggregators = [.. definition.Select.Select(column => AggregatorFactory.Create(definition, column))];
        ColumnNames = [.. definition.Select.Select(column => JsonEncodedText.Encode(column.Name))];
        _cellOffsets = new int[Aggregators.Length];
        for (var i = 0; i < Aggregators.Length; i++)
        {
            _cellOffsets[i] = CellStride;
            CellStride += Aggregators[i].Cells;
        }

        IsPartial = !definition.By.Contains(definition.From.Key, StringComparer.Ordinal);
        Signature = Sign(definition, pageWindows);
        _ = NewKeyCodec();
    }

    public ViewDefinition Definition { get; }

    /// <summary><c>{pipeline}.{view}</c></summary>
    public string FullName { get; }

    public int PageWindows { get; }

    /// <summary>Microseconds.</summary>
    public long WindowLength { get; }

    public long PageLength => WindowLength * PageWindows;

    public long Lateness { get; }

    public long Retain { get; }

    public Aggregator[] Aggregators { get; }

    public JsonEncodedText[] ColumnNames { get; }

    /// <summary>64-bit cells of one window.</summary>
    public int CellStride { get; }

    /// <summary>True where events of one group stand in several partitions, which then each hold a part of every window.</summary>
    public bool IsPartial { get; }

    /// <summary>Changes with everything that stored accumulators depend on.</summary>
    public string Signature { get; }

    public KeyCodec NewKeyCodec() => new(Definition.From.Contract.Rows, Definition.By, FullName);

    public Span<long> Cells(Span<long> window, int aggregator) => window.Slice(_cellOffsets[aggregator], Aggregators[aggregator].Cells);

    public ReadOnlySpan<long> Cells(ReadOnlySpan<long> window, int aggregator) => window.Slice(_cellOffsets[aggregator], Aggregators[aggregator].Cells);

    public long WindowOf(long time) => EventTimes.FloorDivide(time, WindowLength);

    public long PageOf(long window) => EventTimes.FloorDivide(window, PageWindows);

    public long PageStart(long page) => page * PageLength;

    public long PageEnd(long page) => (page + 1) * PageLength;

    /// <summary>The watermark from which on a window takes no more events.</summary>
    public long ClosesAt(long window) => (window + 1) * WindowLength + Lateness;

    public string PageKey(string key, long page, int partition)
    {
        var text = $"views/{FullName}/{key}/{EventTimes.Format(PageStart(page))}";
        return IsPartial ? $"{text}/p{partition.ToString(CultureInfo.InvariantCulture)}" : text;
    }

    public string IndexKey(long page, int partition) =>
        $"view-index/{FullName}/p{partition.ToString(CultureInfo.InvariantCulture)}/{EventTimes.Format(PageStart(page))}";

    private static string Sign(ViewDefinition definition, int pageWindows)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"1;{definition.Window.Ticks};{pageWindows};{definition.From.Name};{definition.Where?.Text};{string.Join(',', definition.By)}");
        foreach (var column in definition.Select)
            text.Append(CultureInfo.InvariantCulture, $";{column.Name}={column.Function}({column.Argument?.Text}:{column.Argument?.Type},{column.Parameter})");
        return DistinctSketch.Hash(text.ToString()).ToString("x16", CultureInfo.InvariantCulture);
    }
}
