using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>Makes events of changes.</summary>
internal sealed class ChangeRowWriter(RowSchema schema, string idPrefix, IngestionOptions options)
{
    private readonly int _operation = schema.IndexOf(ChangeFields.Operation);
    private readonly int _table = schema.IndexOf(ChangeFields.Table);
    private readonly int _lsn = schema.IndexOf(ChangeFields.Lsn);
    private readonly int _index = schema.IndexOf(ChangeFields.Index);
    private readonly int _transaction = schema.IndexOf(ChangeFields.Transaction);
    private readonly int _committedAt = schema.IndexOf(ChangeFields.CommittedAt);
    private readonly ChangeJson _json = new();

    /// <summary>Adds one change under a sequence number: an event, or a dead letter with the reason.</summary>
    public void Add(EventBatch batch, ChangeBlock block, in Change change, TableMap map, long sequence)
    {
        var id = IdOf(block, change);
        if (block.BytesOf(change) is var bytes && bytes > options.MaxEventBytes)
        {
            Reject(batch, batch.TooLarge(bytes), block, change, sequence, id);
        }
        else if (map.Fault is { } fault)
        {
            Reject(batch, fault, block, change, sequence, id);
        }
        else if (!TryFill(batch.Builder, block, change, map, out var reason) || !TryComplete(batch.Builder, out reason))
        {
            batch.Builder.Cancel();
            Reject(batch, reason, block, change, sequence, id);
        }
        else if (!batch.TryAddRow(sequence, out reason, id))
        {
            Reject(batch, reason, block, change, sequence, id);
        }
    }

    private bool TryFill(RowBuilder row, ChangeBlock block, in Change change, TableMap map, out RejectReason reason)
    {
        reason = default;
        if (!TryFillMetadata(row, change, out var fault))
        {
            reason = EventBatch.From(fault);
            return false;
        }

        for (var field = 0; field < schema.Fields.Count && change.Operation != ChangeOperation.Truncate; field++)
        {
            var column = map.ColumnOf(field);
            if (column < 0)
                continue;
            switch (block.StateOf(change, column))
            {
                case ChangeValue.Known when !TrySet(row, field, map.Table.Columns[column].Kind, block.TextOf(change, column), out fault):
                case ChangeValue.Null when !row.TrySetNull(field, out fault):
                    reason = EventBatch.From(fault);
                    return false;
                case ChangeValue.Lost or ChangeValue.Unchanged:
                    reason = new RejectReason("unavailable", schema.Fields[field].Name, "a large value that the update left alone, of a row that was deleted or moved soon after", "a row that is still there; its deletion follows. REPLICA IDENTITY FULL keeps such values in the log");
                    return false;
            }
        }

        return true;
    }

    private bool TryFillMetadata(RowBuilder row, in Change change, out RowFault fault)
    {
        fault = default;
        return row.TrySetString(_operation, ChangeFields.Letter(change.Operation), out fault)
            && (_table < 0 || row.TrySetString(_table, change.Table!.Name, out fault))
            && (_lsn < 0 || row.TrySetInt64(_lsn, change.Lsn, out fault))
            && (_index < 0 || row.TrySetInt64(_index, change.Index, out fault))
            && (_transaction < 0 || row.TrySetInt64(_transaction, change.Transaction, out fault))
            && (_committedAt < 0 || row.TrySetInstant(_committedAt, Rounded(change.CommittedAt), out fault));
    }

    /// <summary>A contract in milliseconds takes no microseconds.</summary>
    private long Rounded(long micros) => schema.Fields[_committedAt].EpochUnit == EpochUnit.Milliseconds ? micros - (micros % 1000) : micros;

    private bool TrySet(RowBuilder row, int field, ChangeKind kind, ReadOnlySpan<byte> text, out RowFault fault) => (kind, schema.Fields[field].Type) switch
    {
        (ChangeKind.Boolean, FieldType.Boolean) => row.TrySetBoolean(field, text is [(byte)'t', ..], out fault),
        (ChangeKind.Boolean, FieldType.String) => row.TrySetUtf8(field, text is [(byte)'t', ..] ? "true"u8 : "false"u8, out fault),
        (ChangeKind.Bytes, FieldType.Bytes) when text is [(byte)'\\', (byte)'x', ..] => row.TrySetBytes(field, Convert.FromHexString(text[2..]), out fault),
        _ => row.TrySetUtf8(field, text, out fault),
    };

    private static bool TryComplete(RowBuilder row, out RejectReason reason)
    {
        reason = default;
        if (row.TryComplete(out var fault))
            return true;
        reason = EventBatch.From(fault);
        return false;
    }

    /// <summary>By place in the log; of rows read at first by their key, so that one that is read again has the same.</summary>
    private string IdOf(ChangeBlock block, in Change change)
    {
        if (change.Index >= 0)
            return string.Create(CultureInfo.InvariantCulture, $"{idPrefix}{change.Lsn:X}.{change.Index}");
        var table = change.Table!;
        if (change.Operation == ChangeOperation.Truncate)
            return string.Create(CultureInfo.InvariantCulture, $"{idPrefix}{change.Lsn:X}.{table.Name}!");
        var key = new StringBuilder();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            if (table.Columns[i].IsKey || !table.Columns.Any(column => column.IsKey))
                key.Append('/').Append(Encoding.UTF8.GetString(block.TextOf(change, i)));
        }

        var text = key.ToString();
        if (text.Length > 64)
            text = $"/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
        return string.Create(CultureInfo.InvariantCulture, $"{idPrefix}{change.Lsn:X}.{table.Name}{text}");
    }

    private void Reject(EventBatch batch, in RejectReason reason, ChangeBlock block, in Change change, long sequence, string id)
    {
        var original = _json.Write(block, change);
        if (original.Length <= options.KeepWholeBytes)
            batch.Reject(reason, new InputRecord(original), sequence, id);
        else
            batch.Reject(reason, new InputRecord(original[..options.KeepHeadBytes], original.Length, SHA256.HashData(original)), sequence, id);
    }
}
