using System.Globalization;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;
using RealTimeMesh.Postgres.Feeds;

namespace RealTimeMesh.Postgres;

/// <summary>Captures changes of PostgreSQL tables by logical replication (plugin pgoutput, which every server has).</summary>
public sealed class PostgresConnector(TimeProvider time) : IChangeConnector
{
    public string Name => "postgres";

    public async Task<IReadOnlyList<ChangeTable>> DescribeAsync(ChangeSettings settings, string connection, CancellationToken cancellationToken)
    {
        await using var database = Source(ConnectionText.Parse(connection, settings.Slot));
        await using var session = await OpenAsync(database, cancellationToken);
        return [.. (await Catalog.ReadAsync(session, settings.Tables, cancellationToken)).Select(table => table.Table)];
    }

    public async Task<IChangeFeed> OpenAsync(ChangeSettings settings, string connection, ChangePosition? position, IReadOnlySet<string> columns, CancellationToken cancellationToken)
    {
        var text = ConnectionText.Parse(connection, settings.Slot);
        var database = Source(text);
        LogicalReplicationConnection? replication = null;
        try
        {
            await using var session = await OpenAsync(database, cancellationToken);
            var identity = await ServerCheck.RunAsync(session, cancellationToken);
            if (position is not null && position.Database != identity)
                throw new ChangeCaptureException($"server {session.Host}: found database {identity} (system/number); expected {position.Database}, whose changes were read before. Point 'connection' at that server, or give the source another 'name' to begin anew.");
            var tables = await Catalog.ReadAsync(session, settings.Tables, cancellationToken);
            await Publications.EnsureAsync(session, settings.Publication, tables, cancellationToken);
            IReadOnlyList<string> names = [.. tables.Select(table => table.Table.Name)];
            var place = await ServerPlace.ReadAsync(session, cancellationToken);
            var published = await Publications.StateAsync(session, settings.Publication, names, cancellationToken);
            var (start, again) = position is null ? (null, false) : await ResumeAsync(settings, text, session, position, place, published, names, cancellationToken);
            string? exported = null;
            if (start is null)
            {
                // A slot that is there without a position of ours was made by a run that ended at once: rows read now are no older than it.
                var slot = await Slots.FindAsync(session, settings.Slot, cancellationToken);
                var (lsn, snapshot) = (slot?.Confirmed ?? 0, settings.Snapshot || again);
                if (slot is null)
                {
                    replication = await ReplicateAsync(text, settings, cancellationToken);
                    var made = await replication.CreatePgOutputReplicationSlot(settings.Slot, false, snapshot ? LogicalSlotSnapshotInitMode.Export : LogicalSlotSnapshotInitMode.NoExport, false, cancellationToken);
                    (lsn, exported) = ((long)(ulong)made.ConsistentPoint, made.SnapshotName);
                }

                start = new ChangePosition { Lsn = lsn, Snapshot = snapshot ? new SnapshotPosition { Again = again } : null, Database = identity, Tables = names };
            }

            start = start with { Timeline = place.Timeline, Published = published };
            var repeats = position is { Snapshot: null } && start.Snapshot is null && names.ToHashSet(StringComparer.Ordinal).SetEquals(position.Tables);
            var feed = new PostgresFeed(settings, text, database, tables, start, repeats, columns, time);
            feed.Run(replication, exported);
            return feed;
        }
        catch (Exception e)
        {
            if (replication is not null)
                await replication.DisposeAsync();
            await database.DisposeAsync();
            if (e is NpgsqlException)
                throw new ChangeCaptureException($"server {text.Host}: {ConnectionText.Reason(e)}", e);
            throw;
        }
    }

    internal static async Task<LogicalReplicationConnection> ReplicateAsync(NpgsqlConnectionStringBuilder text, ChangeSettings settings, CancellationToken cancellationToken)
    {
        // A request to cancel goes over a connection of its own, which a server that hangs does not answer: it is not waited for as long as a first connection.
        var impatient = new NpgsqlConnectionStringBuilder(text.ConnectionString) { CancellationTimeout = -1, Timeout = Math.Clamp((int)settings.Timeout.TotalSeconds, 1, text.Timeout == 0 ? 1024 : text.Timeout) };
        var replication = new LogicalReplicationConnection(impatient.ConnectionString)
        {
            WalReceiverStatusInterval = TimeSpan.FromSeconds(1),
            WalReceiverTimeout = settings.Timeout,
        };
        try
        {
            await replication.Open(cancellationToken);
            // A slot is made once all transactions that were open have ended, however long that takes.
            replication.CommandTimeout = Timeout.InfiniteTimeSpan;
            return replication;
        }
        catch
        {
            await replication.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where reading goes on; null and true where it is to begin again because the log is lost.</summary>
    private static async Task<(ChangePosition? Start, bool Again)> ResumeAsync(ChangeSettings settings, NpgsqlConnectionStringBuilder text, NpgsqlConnection session, ChangePosition position, ServerPlace place, IReadOnlyDictionary<string, string> published, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        try
        {
            var slot = await Slots.FindAsync(session, settings.Slot, cancellationToken);
            await Timelines.CheckAsync(position, place, text.Host, () => place.HistoryAsync(session, cancellationToken));
            Publications.Compare(settings.Publication, position.Published, published, names);
            return (Resume(settings, position, slot, names), false);
        }
        catch (ChangeCaptureException e) when (e.LogIsLost && settings.Lost == LostLog.Snapshot)
        {
            // Changes are ordered by their place in the log: what is read again must sort behind all that was read of another branch.
            if (place.Lsn <= Timelines.Read(position))
                throw new ChangeCaptureException($"server {text.Host}: found its log at {Slots.Show(place.Lsn)}; expected it beyond {Slots.Show(Timelines.Read(position))}, up to where changes were read that it does not have: only then can the tables be read again in order. It gets there as it is written to, or by SELECT pg_switch_wal(). ({e.Message})", e);
            await Slots.DropAsync(session, settings.Slot, cancellationToken);
            return (null, true);
        }
    }

    private static ChangePosition Resume(ChangeSettings settings, ChangePosition position, SlotState? slot, IReadOnlyList<string> names)
    {
        if (slot is null)
            throw Timelines.Lost($"slot {settings.Slot}: found none, though changes up to {Slots.Show(position.Lsn)} were read; expected the slot that keeps the log since then. What changed meanwhile is gone; after a failover make slots survive it (failover slots of PostgreSQL 17).");
        if (slot.Confirmed > position.Lsn)
            throw Timelines.Lost(string.Create(CultureInfo.InvariantCulture, $"slot {settings.Slot}: found it confirmed up to {Slots.Show(slot.Confirmed)}; expected at most {Slots.Show(position.Lsn)}, which is all that was read here. {slot.Confirmed - position.Lsn} bytes of log were read by another, or the state store is older than the slot."));
        var added = names.Except(position.Tables, StringComparer.Ordinal).ToList();
        var changed = added.Count > 0 || names.Count != position.Tables.Count;
        var snapshot = settings.Snapshot ? position.Snapshot : null;
        if (added.Count > 0 && settings.Snapshot)
            snapshot = (snapshot ?? new SnapshotPosition { Done = position.Tables }) with { Done = [.. (snapshot?.Done ?? position.Tables).Intersect(names)] };
        // What the changes of a transaction are counted by is another set of tables now.
        return changed ? position with { Transaction = 0, Index = 0, Snapshot = snapshot, Tables = names } : position with { Snapshot = snapshot };
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder text) => NpgsqlDataSource.Create(text);

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            return await database.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new ChangeCaptureException($"server {new NpgsqlConnectionStringBuilder(database.ConnectionString).Host}: cannot connect: {ConnectionText.Reason(e)}", e);
        }
    }
}
