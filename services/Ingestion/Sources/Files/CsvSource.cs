using System.Globalization;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>A CSV file; its columns are matched to the contract's fields by name or alias.</summary>
internal sealed class CsvSource(Stream text, CsvRecords records, CsvColumns columns, SourcePosition position, IngestionOptions options) : IRowSource
{
    private long _rows = position.Rows;

    public long? Total => null;

    public SourcePosition Position => position with { Rows = _rows, Offset = records.Offset };

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        while (batch.Count < maxRows && batch.Bytes < options.PublishBytes)
        {
            if (records.TryRead(out var record))
                Add(batch, record);
            else if (!await records.FillAsync(cancellationToken))
                return false;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        records.Dispose();
        await text.DisposeAsync();
    }

    private void Add(EventBatch batch, InputRecord record)
    {
        var row = _rows++;
        if (record.Length > options.MaxEventBytes)
        {
            batch.Reject(batch.TooLarge(record.Length), record, row);
            return;
        }

        var fields = columns.Fields;
        if (fields.Split(record.Bytes) is { } broken)
        {
            batch.Reject(broken, record, row);
            return;
        }

        if (fields.Count != columns.Count)
        {
            var reason = new RejectReason(CsvFields.Rule, null, string.Create(CultureInfo.InvariantCulture, $"{fields.Count} columns"), string.Create(CultureInfo.InvariantCulture, $"{columns.Count} columns, {columns.Told}"));
            batch.Reject(reason, record, row);
            return;
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (columns.FieldOf(i) is >= 0 and var field && !columns.Values.TrySet(batch.Builder, field, fields, i, out var reason))
            {
                batch.Builder.Cancel();
                batch.Reject(reason, record, row);
                return;
            }
        }

        if (batch.Builder.TryComplete(out var missing))
            batch.AddRow(record, row);
        else
            batch.Reject(EventBatch.From(missing), record, row);
    }
}
