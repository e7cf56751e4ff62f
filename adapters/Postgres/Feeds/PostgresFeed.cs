using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;
using RealTimeMesh.Postgres.Decoding;

namespace RealTimeMesh.Postgres.Feeds;

/// <summary>
/// Rows that are there already, then the log. Blocks wait in a bounded channel: a slow reader holds back the server,
/// which spills large transactions to its own disk.
/// </summary>
internal sealed class PostgresFeed : IChangeFeed
{
    private const int BlocksAhead = 8;
    private const int ChangesOfBlock = 1000;
    private const int BytesOfBlock = 512 * 1024;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly ChangeSettings _settings;
    private readonly NpgsqlConnectionStringBuilder _text;
    private readonly NpgsqlDataSource _database;
    private readonly IReadOnlyList<CatalogTable> _tables;
    private readonly UnchangedValues _unchanged;
    private readonly LagMeter _lag;
    private readonly TimeProvider _time;
    private readonly Channel<ChangeBlock> _blocks = Channel.CreateBounded<ChangeBlock>(BlocksAhead);
    private readonly ConcurrentBag<ChangeBlock> _idle = [];
    private readonly CancellationTokenSource _stopping = new();
    private LogicalReplicationConnection? _replication;
    private long _confirmed;
    private Task _work = Task.CompletedTask;

    public PostgresFeed(ChangeSettings settings, NpgsqlConnectionStringBuilder text, NpgsqlDataSource database, IReadOnlyList<CatalogTable> tables, ChangePosition start, bool repeats, IReadOnlySet<string> columns, TimeProvider time)
    {
        _settings = settings;
        _text = text;
        _database = database;
        _tables = tables;
        _unchanged = new UnchangedValues(database, tables, columns);
        _lag = new LagMeter(database, start.Lsn, time);
        _time = time;
        _confirmed = start.Lsn;
        Start = start;
        Repeats = repeats;
        Tables = [.. tables.Select(table => table.Table)];
    }

    public ChangePosition Start { get; }

    public bool Repeats { get; }

    public IReadOnlyList<ChangeTable> Tables { get; }

    public ChangeLag Lag => _lag.Current;

    /// <summary>Begins; takes over the connection that holds the exported snapshot, where there is one.</summary>
    public void Run(LogicalReplicationConnection? exporting, string? exported) =>
        _work = Task.Run(() => Task.WhenAll(PumpAsync(exporting, exported), _lag.RunAsync(_stopping.Token), GuardAsync()));

    public async ValueTask<ChangeBlock> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _blocks.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException as ChangeCaptureException ?? new ChangeCaptureException($"server {_text.Host}: {(e.InnerException is { } inner ? ConnectionText.Reason(inner) : "the log ended")}", e.InnerException);
        }
    }

    public bool TryRead(out ChangeBlock? block) => _blocks.Reader.TryRead(out block);

    public void Return(ChangeBlock block)
    {
        block.Clear();
        _idle.Add(block);
    }

    public void Confirm(ChangePosition position)
    {
        if (position.Snapshot is not null)
            return;
        Volatile.Write(ref _confirmed, position.Lsn);
        _lag.Confirmed(position.Lsn);
        // Told to the server with the next status message, a second later at most.
        Volatile.Read(ref _replication)?.SetReplicationStatus(new NpgsqlLogSequenceNumber((ulong)position.Lsn));
    }

    public async ValueTask DisposeAsync()
    {
        var closing = CloseAsync();
        try
        {
            await closing.WaitAsync(Farewell, _time);
        }
        catch (TimeoutException)
        {
            // A server that hangs answers no farewell; the connections end by their own timeouts, and nobody waits for that.
        }
    }

    private async Task CloseAsync()
    {
        // Asks the server to end what it is at, by a connection of its own that a server that hangs never answers.
        await _stopping.CancelAsync();
        await _work;
        await _unchanged.DisposeAsync();
        await _database.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>Ends with the channel; what ended it is told to the reader.</summary>
    private async Task PumpAsync(LogicalReplicationConnection? exporting, string? exported)
    {
        try
        {
            var position = Start;
            await using (exporting)
            {
                if (Start.Snapshot is not null)
                    position = await new SnapshotReader(_database, _tables, _time).RunAsync(exported, Start, Rent, EmitAsync, () => { }, _stopping.Token);
            }

            await FollowAsync(position);
            _blocks.Writer.Complete();
        }
        catch (Exception e)
        {
            _blocks.Writer.TryComplete(e);
        }
    }

    private async Task GuardAsync()
    {
        if (await new PublicationGuard(_database, _settings, Start, _time).RunAsync(_stopping.Token) is not { } fault)
            return;
        _blocks.Writer.TryComplete(fault);
        await _stopping.CancelAsync();
    }

    private async Task FollowAsync(ChangePosition start)
    {
        await using var replication = await PostgresConnector.ReplicateAsync(_text, _settings, _stopping.Token);
        replication.SetReplicationStatus(new NpgsqlLogSequenceNumber((ulong)Volatile.Read(ref _confirmed)));
        Volatile.Write(ref _replication, replication);
        var slot = new PgOutputReplicationSlot(_settings.Slot);
        // Version 1 sends a transaction once it is committed; until then a large one waits on the server's disk.
        KeyValuePair<string, string?>[] options = [new("proto_version", "1"), new("publication_names", CatalogTable.Quote(_settings.Publication))];
        var messages = replication.StartLogicalReplication(slot, _stopping.Token, new NpgsqlLogSequenceNumber((ulong)start.Lsn), options);
        try
        {
            await ReadMessagesAsync(replication, messages, new ChangeDecoder(_tables, start));
        }
        finally
        {
            Volatile.Write(ref _replication, null);
        }
    }

    private async Task ReadMessagesAsync(LogicalReplicationConnection replication, IAsyncEnumerable<XLogDataMessage> messages, ChangeDecoder decoder)
    {
        await using var enumerator = messages.GetAsyncEnumerator(_stopping.Token);
        try
        {
            await ReadMessagesAsync(replication, enumerator, decoder);
        }
        catch (Exception e)
        {
            // Told at once: to part from a server that hangs takes its time.
            _blocks.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task ReadMessagesAsync(LogicalReplicationConnection replication, IAsyncEnumerator<XLogDataMessage> enumerator, ChangeDecoder decoder)
    {
        var block = Rent();
        var buffer = new byte[64 * 1024];
        var moved = _time.GetTimestamp();
        while (true)
        {
            var next = enumerator.MoveNextAsync();
            if (!next.IsCompleted)
            {
                var waiting = next.AsTask();
                try
                {
                    if (block.Count > 0)
                    {
                        await EmitAsync(block);
                        block = Rent();
                        moved = _time.GetTimestamp();
                    }

                    if (!await WaitAsync(waiting, replication, decoder))
                        return;
                }
                catch when (!waiting.IsCompleted)
                {
                    // Whoever disposes of messages that are still waited for takes the whole process down.
                    await _stopping.CancelAsync();
                    await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    throw;
                }
            }
            else if (!await next)
            {
                return;
            }

            var data = enumerator.Current.Data;
            var length = (int)data.Length;
            if (buffer.Length < length)
                buffer = new byte[Math.Max(length, (int)Math.Min(buffer.Length * 2L, Array.MaxLength))];
            await data.ReadExactlyAsync(buffer.AsMemory(0, length), _stopping.Token);
            decoder.Decode(buffer.AsSpan(0, length), block);
            // Commits of other tables make no entries: the position moves on with the clock.
            if (!decoder.InTransaction && _time.GetElapsedTime(moved) > _settings.Heartbeat)
            {
                block.Add(ChangeOperation.Progress, null, decoder.Position.Lsn, 0, 0, 0, decoder.Position);
                moved = _time.GetTimestamp();
            }

            if (block.Count < ChangesOfBlock && block.Bytes < BytesOfBlock)
                continue;
            await EmitAsync(block);
            block = Rent();
            moved = _time.GetTimestamp();
        }
    }

    /// <summary>Waits for a message; while none comes the position follows the server's.</summary>
    private async Task<bool> WaitAsync(Task<bool> next, LogicalReplicationConnection replication, ChangeDecoder decoder)
    {
        while (true)
        {
            try
            {
                return await next.WaitAsync(_settings.Heartbeat, _time, CancellationToken.None);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                if (!decoder.Advance((long)(ulong)replication.LastReceivedLsn))
                    continue;
            }

            var block = Rent();
            block.Add(ChangeOperation.Progress, null, decoder.Position.Lsn, 0, 0, 0, decoder.Position);
            await EmitAsync(block);
        }
    }

    private async ValueTask EmitAsync(ChangeBlock block)
    {
        if (block.HasUnchanged)
            await _unchanged.ResolveAsync(block, _stopping.Token);
        if (block.Count > 0 && block[block.Count - 1].CommittedAt is > 0 and var committed)
            _lag.Read(committed);
        await _blocks.Writer.WriteAsync(block, _stopping.Token);
    }

    private ChangeBlock Rent() => _idle.TryTake(out var block) ? block : new ChangeBlock();
}
