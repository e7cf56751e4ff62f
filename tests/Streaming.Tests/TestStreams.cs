using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests;

/// <summary>A small stream of trades and views over it.</summary>
internal static class TestStreams
{
    public const string Contract = """
        {"type":"record","name":"Trade","namespace":"test","fields":[
          {"name":"symbol","type":"string"},
          {"name":"venue","type":["null","string"],"default":null},
          {"name":"at","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},
          {"name":"size","type":["null","long"],"default":null},
          {"name":"price","type":["null","double"],"default":null}]}
        """;

    public static readonly DateTime Origin = new(2026, 1, 5, 0, 0, 0, DateTimeKind.Utc);

    public static StreamDefinition Stream(TimeSpan? outOfOrder = null) => new()
    {
        Pipeline = "test",
        Name = "trades",
        Contract = AvroContract.Parse(Contract),
        Key = "symbol",
        Time = new EventTime("at", outOfOrder ?? TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(30)),
    };

    public static ViewDefinition View(StreamDefinition stream, string name, string[] by, string? where = null, TimeSpan? window = null, TimeSpan? lateness = null, TimeSpan? retain = null, params (string Name, string Text)[] select) => new()
    {
        Pipeline = stream.Pipeline,
        Name = name,
        From = stream,
        By = by,
        Where = where is null ? null : Expression(where, stream),
        Window = window ?? TimeSpan.FromMinutes(1),
        AllowedLateness = lateness ?? TimeSpan.Zero,
        Retain = retain ?? TimeSpan.FromDays(365),
        Select = [.. (select.Length == 0 ? [("n", "count(*)")] : select).Select(column => Aggregate(column.Name, column.Text, stream))],
    };

    public static BoundExpression Expression(string text, StreamDefinition stream) =>
        ExpressionCompiler.TryCompile(text, stream.Contract.Rows, out var expression, out var error) ? expression : throw new InvalidOperationException(error);

    public static AggregateDefinition Aggregate(string name, string text, StreamDefinition stream) =>
        AggregateParser.TryCompile(name, text, stream.Contract.Rows, out var aggregate, out var error) ? aggregate : throw new InvalidOperationException(error);

    /// <summary>Appends a trade; a time given in seconds after <see cref="Origin"/>.</summary>
    public static void Append(ColumnBatch batch, Trade trade)
    {
        ((StringColumn)batch.Columns[0]).Append(trade.Symbol);
        Put(batch.Columns[1], trade.Venue);
        Put(batch.Columns[2], trade.Second is { } second ? EventTimes.Of(Origin) + (long)(second * 1_000_000) : null);
        Put(batch.Columns[3], trade.Size);
        Put(batch.Columns[4], trade.Price);
    }

    public static VirtualEvent Event(long offset, Trade trade) => new(offset, batch => Append(batch, trade));

    public static string Time(double second) => EventTimes.Format(EventTimes.Of(Origin) + (long)(second * 1_000_000));

    private static void Put(Column column, object? value)
    {
        switch (value)
        {
            case null:
                column.AppendNull();
                break;
            case string text:
                ((StringColumn)column).Append(text);
                break;
            case double number:
                ((Float64Column)column).Append(number);
                break;
            default:
                ((Int64Column)column).Append(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}

internal sealed record Trade(string Symbol, double? Second)
{
    public string? Venue { get; init; }

    public long? Size { get; init; }

    public double? Price { get; init; }
}
