using System.Globalization;
using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>
/// A task's state in the store: its head (position, guarded by its version), a copy of the whole state in pieces, and the
/// changes of each commit since that copy was begun. Rows are few and large, whatever the number of keys. A copy is
/// written piece by piece beside the commits: it need not be of one moment, because the changes made meanwhile follow it.
/// Not thread-safe.
/// </summary>
internal sealed class StateLog(IStreamState state, string prefix, StateLogOptions options)
{
    private readonly ChangeWriter _piece = new();
    private LogHead _head = new();
    private IEnumerator<bool>? _copy;
    private ReadOnlyMemory<byte>? _written;
    private string? _etag;
    private long _changedBytes;

    /// <summary>Bytes of the changes since the last copy.</summary>
    public long ChangedBytes => _changedBytes;

    /// <summary>True while a copy is being written.</summary>
    public bool IsCopying => _copy is not null;

    /// <summary>
    /// Reads everything: the task's own part of the head first (null where there is none), then copy and changes, in order.
    /// </summary>
    public async Task<JsonElement?> LoadAsync(Action<ReadOnlyMemory<byte>> apply, CancellationToken cancellationToken)
    {
        (_copy, _changedBytes, _head, _written) = (null, 0, new LogHead(), null);
        var stored = (await state.GetAsync([HeadKey], cancellationToken))[0];
        _etag = stored?.ETag;
        if (stored is null)
            return null;
        var (head, task) = LogHead.Read(HeadKey, stored.Value);
        _head = head;
        await ReadAsync(head.Pieces, index => PieceKey(head.Copy, index), (_, row) => apply(row), cancellationToken);
        await ReadAsync(head.End - head.First, index => ChangeKey(head.First + index), (_, row) => Count(row, apply), cancellationToken);
        return task;
    }

    /// <summary>
    /// Stores a commit: the changes, the head with the task's own part, and what else belongs to it, all or nothing.
    /// <see cref="StateCommit.Conflict"/>: somebody else has the task. An exception leaves the outcome open; load again.
    /// </summary>
    /// <param name="changes">What steps changed.</param>
    /// <param name="writeTask">Writes the task's part of the head, one JSON value.</param>
    /// <param name="others">Further writes of the same transaction.</param>
    /// <param name="copy">Begins to write the whole state; called when a copy is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StateCommit> CommitAsync(ChangeWriter changes, Action<Utf8JsonWriter> writeTask, IReadOnlyList<StateChange> others, Func<ChangeWriter, IEnumerator<bool>> copy, CancellationToken cancellationToken)
    {
        if (_written is { } written && !await IsOursAsync(written, cancellationToken))
            return StateCommit.Conflict;
        List<StateChange> writes = [.. others];
        var next = _head;
        if (changes.Length > 0)
        {
            writes.Add(new StateChange(ChangeKey(next.End), changes.Written.ToArray()));
            next = next with { End = next.End + 1 };
        }

        if (_copy is null && !next.HasRubbish && IsCopyDue(next, changes.Length))
        {
            _copy = copy(_piece);
            next = next with { Begun = next.End, BegunPieces = 0, BegunBytes = 0 };
        }

        next = Delete(Copy(next, writes), writes);
        var head = next.Write(writeTask);
        writes.Add(new StateChange(HeadKey, head) { Guard = _etag is null ? StateGuard.Absent : StateGuard.Unchanged, ETag = _etag });
        var result = await state.CommitAsync(writes, cancellationToken);
        if (result == StateCommit.Conflict)
            return result;

        _changedBytes = next.Copy == _head.Copy ? _changedBytes + changes.Length : 0;
        (_head, _written) = (next, head);
        return result;
    }

    /// <summary>The store gives a row its version when it is written; what is read back must be what was written.</summary>
    private async Task<bool> IsOursAsync(ReadOnlyMemory<byte> written, CancellationToken cancellationToken)
    {
        var stored = (await state.GetAsync([HeadKey], cancellationToken))[0];
        if (stored is null || !stored.Value.Span.SequenceEqual(written.Span))
            return false;
        (_etag, _written) = (stored.ETag, null);
        return true;
    }

    private bool IsCopyDue(LogHead head, int more) =>
        _changedBytes + more > Math.Max(options.CopyAfterBytes, head.CopyBytes) || head.End - head.First >= options.CopyAfterCommits;

    /// <summary>Adds a piece of the copy that is under way; with the last one it takes the place of the old one.</summary>
    private LogHead Copy(LogHead head, List<StateChange> writes)
    {
        if (_copy is null)
            return head;
        _piece.Clear();
        var more = true;
        while (_piece.Length < options.PieceBytes && (more = _copy.MoveNext()))
        {
        }

        if (_piece.Length > 0)
        {
            writes.Add(new StateChange(PieceKey(head.Copy + 1, head.BegunPieces), _piece.Written.ToArray()));
            head = head with { BegunPieces = head.BegunPieces + 1, BegunBytes = head.BegunBytes + _piece.Length };
        }

        if (more)
            return head;
        _copy.Dispose();
        _copy = null;
        return head with
        {
            Copy = head.Copy + 1,
            Pieces = head.BegunPieces,
            CopyBytes = head.BegunBytes,
            OldPieces = head.Pieces,
            First = head.Begun,
            Begun = -1,
            BegunPieces = 0,
            BegunBytes = 0,
        };
    }

    /// <summary>Deletes some of the rows that a finished copy makes superfluous.</summary>
    private LogHead Delete(LogHead head, List<StateChange> writes)
    {
        // With the commit that ends a copy its rows are not deleted yet: until it is stored, they are the state.
        if (head.Copy != _head.Copy)
            return head;
        var count = 0;
        for (; count < options.DeletesPerCommit && head.OldPieces > 0; count++)
        {
            writes.Add(new StateChange(PieceKey(head.Copy - 1, head.OldPieces - 1), default) { Delete = true });
            head = head with { OldPieces = head.OldPieces - 1 };
        }

        for (; count < options.DeletesPerCommit && head.Kept < head.First; count++)
        {
            writes.Add(new StateChange(ChangeKey(head.Kept), default) { Delete = true });
            head = head with { Kept = head.Kept + 1 };
        }

        return head;
    }

    private void Count(ReadOnlyMemory<byte> row, Action<ReadOnlyMemory<byte>> apply)
    {
        _changedBytes += row.Length;
        apply(row);
    }

    private async Task ReadAsync(long count, Func<long, string> key, Action<long, ReadOnlyMemory<byte>> take, CancellationToken cancellationToken)
    {
        for (long from = 0; from < count; from += options.ReadRows)
        {
            string[] keys = [.. Enumerable.Range(0, (int)Math.Min(options.ReadRows, count - from)).Select(i => key(from + i))];
            var rows = await state.GetAsync(keys, cancellationToken);
            for (var i = 0; i < keys.Length; i++)
                take(from + i, rows[i]?.Value ?? throw new StreamingException($"state row '{keys[i]}' is missing; expected it because '{HeadKey}' names it; restore the state store, or delete the task's state and replay."));
        }
    }

    private string HeadKey => $"{prefix}/head";

    private string PieceKey(long copy, long piece) => string.Create(CultureInfo.InvariantCulture, $"{prefix}/copy-{copy}-{piece}");

    private string ChangeKey(long number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}/changes-{number}");
}
