using System.Buffers;
using System.Text.Json;
using Apache.Arrow;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Prints the result of a query as it comes: nothing but the rows of a screen is kept.</summary>
internal sealed class RowPrinter(OutputFormat format, long? limit)
{
    private const int RowsOfTable = 100;
    private const int FlushAtBytes = 1 << 20;

    public async Task PrintAsync(DuckDbSession session, string sql, CancellationToken cancellationToken)
    {
        var (query, integers) = await PrintableQuery.OfAsync(session, sql, cancellationToken);
        using var rows = await session.OpenArrowAsync(query, cancellationToken);
        var json = new JsonRows(rows.Schema, integers);
        // Rows on the terminal show by themselves that something happens, and a bar would stand between them.
        if (format == OutputFormat.Ndjson && !System.Console.IsOutputRedirected)
            await PrintLinesAsync(rows, json, cancellationToken);
        else if (format == OutputFormat.Ndjson)
            await ProgressBars.RunAsync("query", _ => PrintLinesAsync(rows, json, cancellationToken));
        else
            Print(await ProgressBars.RunAsync("query", _ => ReadTableAsync(rows, json, cancellationToken)));
    }

    /// <summary>The number of rows printed.</summary>
    private async Task<long> PrintLinesAsync(ArrowRows rows, JsonRows json, CancellationToken cancellationToken)
    {
        await using var output = System.Console.OpenStandardOutput();
        var buffer = new ArrayBufferWriter<byte>();
        var left = limit ?? long.MaxValue;
        await foreach (var batch in rows.ReadAsync(cancellationToken))
        {
            using (batch)
                json.Write(batch, buffer, left);
            left -= batch.Length;
            if (buffer.WrittenCount >= FlushAtBytes)
                await Output.FlushAsync(output, buffer, cancellationToken);
            if (left <= 0)
                break;
        }

        await Output.FlushAsync(output, buffer, cancellationToken);
        return (limit ?? long.MaxValue) - left;
    }

    private async Task<(Table Rows, bool More)> ReadTableAsync(ArrowRows rows, JsonRows json, CancellationToken cancellationToken)
    {
        var most = limit ?? RowsOfTable;
        var table = Output.Table([.. rows.Schema.FieldsList.Select(field => field.Name)]);
        var more = false;
        await foreach (var batch in rows.ReadAsync(cancellationToken))
        {
            using (batch)
            {
                more = table.Rows.Count + batch.Length > most;
                Add(table, json, batch, most - table.Rows.Count);
            }

            if (more)
                break;
        }

        return (table, more);
    }

    private static void Print((Table Rows, bool More) page)
    {
        var console = Output.Terminal();
        console.Write(page.Rows);
        console.WriteLine($"{Output.Plural(page.Rows.Rows.Count, "row")}{(page.More ? "; more follow, --limit shows them" : "")}");
    }

    private static void Add(Table table, JsonRows json, RecordBatch batch, long most)
    {
        var buffer = new ArrayBufferWriter<byte>();
        json.Write(batch, buffer, most);
        var rest = buffer.WrittenMemory;
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            using var row = JsonDocument.Parse(rest[..end]);
            table.AddRow([.. row.RootElement.EnumerateObject().Select(cell => Markup.Escape(Text(cell.Value)))]);
            rest = rest[(end + 1)..];
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "NULL",
        _ => value.GetRawText(),
    };
}
