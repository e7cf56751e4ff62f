using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;

namespace RealTimeMesh.Postgres.Decoding;

/// <summary>
/// Makes changes of pgoutput's messages (protocol version 1, texts). Transactions come whole, in the order of their
/// commits; one that was read in part before is entered where that stopped.
/// </summary>
internal sealed class ChangeDecoder
{
    // Microseconds from 1970 to 2000, where PostgreSQL begins to count.
    private const long Epoch = 946_684_800_000_000;

    private readonly Dictionary<string, CatalogTable> _tables;
    private readonly Dictionary<uint, ChangeTable?> _relations = [];
    private readonly ChangeBlock _pair = new();
    private ChangePosition _position;
    private long _lsn;
    private long _committedAt;
    private long _transaction;
    private long _index;
    private long _skip;

    public ChangeDecoder(IReadOnlyList<CatalogTable> tables, ChangePosition start)
    {
        _tables = tables.ToDictionary(table => table.Table.Name, StringComparer.Ordinal);
        _position = start;
    }

    /// <summary>True between the first and the last message of a transaction.</summary>
    public bool InTransaction { get; private set; }

    /// <summary>The position after the last whole transaction, or after <see cref="Advance"/>.</summary>
    public ChangePosition Position => _position;

    /// <summary>Takes note that the log holds nothing more before a place. False where that is known.</summary>
    public bool Advance(long lsn)
    {
        if (InTransaction || lsn <= _position.Lsn)
            return false;
        _position = Passed(lsn, lsn);
        return true;
    }

    /// <summary>Adds what a message says to a block.</summary>
    public void Decode(ReadOnlySpan<byte> message, ChangeBlock block)
    {
        var reader = new MessageReader(message);
        switch (reader.Byte())
        {
            case (byte)'B': Begin(ref reader); break;
            case (byte)'C': Commit(ref reader, block); break;
            case (byte)'R': Relation(ref reader); break;
            case (byte)'I': Insert(ref reader, block); break;
            case (byte)'U': Update(ref reader, block); break;
            case (byte)'D': Delete(ref reader, block); break;
            case (byte)'T': Truncate(ref reader, block); break;
            default: break; // origins, types and messages of applications change no row
        }
    }

    private void Begin(ref MessageReader reader)
    {
        _lsn = reader.Int64();
        _committedAt = reader.Int64() + Epoch;
        _transaction = reader.UInt32();
        _index = 0;
        _skip = _lsn == _position.Transaction ? _position.Index : 0;
        InTransaction = true;
    }

    private void Commit(ref MessageReader reader, ChangeBlock block)
    {
        reader.Byte();
        reader.Int64();
        var end = reader.Int64();
        InTransaction = false;
        _position = Passed(end, _lsn);
        // Transactions of other tables move the position too, but it is not worth an entry each.
        if (_index > 0)
            block.Add(ChangeOperation.Progress, null, end, 0, _transaction, _committedAt, _position);
    }

    /// <summary>A transaction that was read in part stays so until the log has passed its own commit.</summary>
    private ChangePosition Passed(long end, long commit) => _position.Transaction > commit
        ? _position with { Lsn = end }
        : _position with { Lsn = end, Transaction = 0, Index = 0 };

    private void Relation(ref MessageReader reader)
    {
        var id = reader.UInt32();
        var name = $"{reader.Text()}.{reader.Text()}";
        var identity = (char)reader.Byte();
        var count = reader.Int16();
        _tables.TryGetValue(name, out var known);
        var columns = new List<ChangeColumn>(count);
        for (var i = 0; i < count; i++)
        {
            // With a whole row as identity every column is flagged: then the primary key is what identifies.
            var flagged = (reader.Byte() & 1) != 0;
            var column = reader.Text();
            var type = reader.UInt32();
            reader.Int32();
            var kind = known?.Kinds.GetValueOrDefault(type, PgTypes.KindOf(type)) ?? ChangeKind.Text;
            columns.Add(new ChangeColumn(column, kind, identity == 'f' ? known?.Keys.Any(key => key.Name == column) == true : flagged));
        }

        // Null: a publication may hold tables that nobody asked for.
        _relations[id] = known is null ? null : new ChangeTable(name, columns, identity == 'f');
    }

    private void Insert(ref MessageReader reader, ChangeBlock block)
    {
        if (Table(reader.UInt32()) is { } table && Wanted())
        {
            reader.Byte();
            Add(block, ChangeOperation.Create, table);
            Values(ref reader, block, table, keyOnly: false);
        }
    }

    private void Update(ref MessageReader reader, ChangeBlock block)
    {
        if (Table(reader.UInt32()) is not { } table)
            return;
        var kind = reader.Byte();
        if (kind == (byte)'N')
        {
            if (!Wanted())
                return;
            Add(block, ChangeOperation.Update, table);
            Values(ref reader, block, table, keyOnly: false);
            return;
        }

        _pair.Clear();
        _pair.Add(ChangeOperation.Delete, table, 0, 0, 0, 0);
        Values(ref reader, _pair, table, keyOnly: kind == (byte)'K');
        reader.Byte();
        _pair.Add(ChangeOperation.Create, table, 0, 0, 0, 0);
        Values(ref reader, _pair, table, keyOnly: false);
        AddPair(_pair[0], _pair[1], table, block);
    }

    /// <summary>Adds an update of which the old row, or its old key, is known; with another key it is a deletion and an insertion.</summary>
    private void AddPair(in Change old, in Change now, ChangeTable table, ChangeBlock block)
    {
        var moved = false;
        for (var i = 0; i < table.Columns.Count; i++)
        {
            // The old row of a table that logs whole rows has what did not change.
            if (_pair.StateOf(now, i) == ChangeValue.Unchanged && _pair.StateOf(old, i) is ChangeValue.Known or ChangeValue.Null)
                _pair.Copy(old, now, i);
            moved |= table.Columns[i].IsKey && !_pair.TextOf(old, i).SequenceEqual(_pair.TextOf(now, i));
        }

        if (moved && Wanted())
        {
            Add(block, ChangeOperation.Delete, table);
            block.AddValues(_pair, old);
        }

        if (Wanted())
        {
            Add(block, moved ? ChangeOperation.Create : ChangeOperation.Update, table);
            block.AddValues(_pair, now);
        }
    }

    private void Delete(ref MessageReader reader, ChangeBlock block)
    {
        if (Table(reader.UInt32()) is { } table && Wanted())
        {
            var kind = reader.Byte();
            Add(block, ChangeOperation.Delete, table);
            Values(ref reader, block, table, keyOnly: kind == (byte)'K');
        }
    }

    private void Truncate(ref MessageReader reader, ChangeBlock block)
    {
        var count = reader.Int32();
        reader.Byte();
        for (var i = 0; i < count; i++)
        {
            if (Table(reader.UInt32()) is { } table && Wanted())
                Add(block, ChangeOperation.Truncate, table);
        }
    }

    private ChangeTable? Table(uint id) => _relations.TryGetValue(id, out var table)
        ? table
        : throw new ChangeCaptureException($"pgoutput: found a change of relation {id}, which was not described; expected its description first. The connection is made anew.");

    /// <summary>Counts a change; false where it was read before.</summary>
    private bool Wanted() => _index++ >= _skip;

    private void Add(ChangeBlock block, ChangeOperation operation, ChangeTable table) =>
        block.Add(operation, table, _lsn, _index - 1, _transaction, _committedAt);

    private static void Values(ref MessageReader reader, ChangeBlock block, ChangeTable table, bool keyOnly)
    {
        var count = reader.Int16();
        if (count != table.Columns.Count)
            throw new ChangeCaptureException($"pgoutput: found {count} values for table {table.Name}; expected {table.Columns.Count}, as described. The connection is made anew.");
        for (var i = 0; i < count; i++)
        {
            switch (reader.Byte())
            {
                case (byte)'n': block.AddState(keyOnly && !table.Columns[i].IsKey ? ChangeValue.Absent : ChangeValue.Null); break;
                case (byte)'u': block.AddState(ChangeValue.Unchanged); break;
                default: block.AddText(reader.Take(reader.Int32())); break;
            }
        }
    }
}
