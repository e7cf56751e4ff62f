using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>
/// Letters in one SQLite file (WAL, synced with every transaction): one writer, several readers beside it. Counters of groups are
/// kept with each change, so that a list of groups never counts letters.
/// </summary>
public sealed class SqliteDeadLetterStore : IDeadLetterStore
{
    private readonly TimeProvider _time;
    private readonly Session _writer;
    private readonly GroupIndex _groups;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Channel<Session> _readers;
    private readonly int _readerCount;
    private bool _disposed;

    private SqliteDeadLetterStore(SqliteDeadLetterOptions options, Session writer, TimeProvider time)
    {
        (_time, _writer, _groups, _readerCount) = (time, writer, new GroupIndex(options.MostGroups), options.Readers);
        _groups.Load(writer);
        _readers = Channel.CreateBounded<Session>(options.Readers);
        for (var i = 0; i < options.Readers; i++)
            _readers.Writer.TryWrite(new Session(options.Path, readOnly: true, options.ReaderCacheMegabytes));
    }

    /// <summary>Opens the file or makes it. Throws <see cref="RealTimeMeshException"/> where it cannot be used.</summary>
    public static async Task<SqliteDeadLetterStore> OpenAsync(SqliteDeadLetterOptions options, TimeProvider time, CancellationToken cancellationToken) => await Task.Run(
        () =>
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
                return new SqliteDeadLetterStore(options, Open(options), time);
            }
            catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw new RealTimeMeshException($"dead letters '{options.Path}': found {exception.Message}; expected a database on a local disk that may be read and written; correct the path or its permissions.", exception);
            }
        },
        cancellationToken);

    public Task<long> FindPositionAsync(string topic, int partition, CancellationToken cancellationToken) =>
        ReadAsync(session => session.Number("SELECT next FROM positions WHERE topic = $1 AND partition = $2", topic, partition), cancellationToken);

    public Task<int> AddAsync(string topic, int partition, IReadOnlyList<LetterContent> letters, long next, CancellationToken cancellationToken) =>
        WriteAsync(session => new LetterInserter(session, _groups).Insert(topic, partition, letters, next, _time.GetUtcNow()), cancellationToken);

    public Task<IReadOnlyList<LetterGroup>> GroupsAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<LetterGroup>>(session => GroupRows.Read(session, LetterTime.Of(_time.GetUtcNow())), cancellationToken);

    public Task<IReadOnlyDictionary<int, IReadOnlyList<LetterPlace>>> NewestAsync(IReadOnlyCollection<int> groups, IReadOnlyList<LetterState> states, int each, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<int, IReadOnlyList<LetterPlace>>>(session => NewestLetters.Read(session, groups, states, each, cancellationToken), cancellationToken);

    public Task<LetterPage> FindAsync(LetterQuery query, CancellationToken cancellationToken) =>
        ReadAsync(session => new LetterScan(session, _time).Find(query, cancellationToken), cancellationToken);

    public Task<StoredLetter?> FindAsync(LetterPlace place, CancellationToken cancellationToken) => ReadAsync(session => LetterRows.Find(session, place), cancellationToken);

    public Task<long> CountAsync(LetterQuery query, CancellationToken cancellationToken) =>
        ReadAsync(session => new LetterScan(session, _time).Count(query, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<LetterEdit>> EditsAsync(long number, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<LetterEdit>>(
        session =>
        {
            var edits = new List<LetterEdit>();
            using var rows = session.Query("SELECT version, parent, at, who, what, key, value FROM edits WHERE no = $1 ORDER BY version", number);
            while (rows.Read())
                edits.Add(LetterRows.ReadEdit(rows, rows.GetInt32(0), 1));
            return edits;
        },
        cancellationToken);

    public Task<IReadOnlyList<LetterEvent>> HistoryAsync(long number, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<LetterEvent>>(
        session =>
        {
            var events = new List<LetterEvent>();
            using var rows = session.Query("SELECT at, what, who, detail FROM history WHERE no = $1 ORDER BY rowid", number);
            while (rows.Read())
                events.Add(new LetterEvent(LetterTime.From(rows.GetInt64(0)), rows.GetString(1), rows.GetString(2), LetterRows.Text(rows, 3)));
            return events;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredLetter>> InHandAsync(string job, CancellationToken cancellationToken) => ReadAsync(session => LetterRows.InHand(session, job), cancellationToken);

    public Task<IReadOnlySet<long>> ApplyAsync(LetterChanges changes, CancellationToken cancellationToken) =>
        WriteAsync(session => new LetterChanger(session, _groups).Apply(changes), cancellationToken);

    public Task<JobDocument?> FindJobAsync(string id, CancellationToken cancellationToken) =>
        ReadAsync(session => session.Scalar("SELECT job FROM jobs WHERE id = $1", id) is string job ? new JobDocument(id, job) : null, cancellationToken);

    public Task<IReadOnlyList<JobDocument>> JobsAsync(string? before, int limit, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<JobDocument>>(
        session =>
        {
            var jobs = new List<JobDocument>();
            using var rows = session.Query("SELECT id, job FROM jobs WHERE $1 IS NULL OR id < $1 ORDER BY id DESC LIMIT $2", before, limit);
            while (rows.Read())
                jobs.Add(new JobDocument(rows.GetString(0), rows.GetString(1)));
            return jobs;
        },
        cancellationToken);

    public Task<string?> FindNoteAsync(string name, CancellationToken cancellationToken) =>
        ReadAsync(session => session.Scalar("SELECT note FROM notes WHERE name = $1", name) as string, cancellationToken);

    public Task SaveNoteAsync(string name, string text, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("INSERT INTO notes VALUES ($1, $2) ON CONFLICT DO UPDATE SET note = excluded.note", name, text), cancellationToken);

    public async Task<int> TrimAsync(LetterRetention retention, CancellationToken cancellationToken)
    {
        var dropped = await WriteAsync(session => new LetterTrimmer(session, _groups).Trim(retention, _time.GetUtcNow()), cancellationToken);
        if (dropped > 0)
        {
            await WriteAsync(
                static session =>
                {
                    // What the letters took goes back to the disk, a bounded part at a time.
                    session.Run("PRAGMA incremental_vacuum(4000)");
                    return true;
                },
                cancellationToken,
                transact: false);
        }

        return dropped;
    }

    public Task<StoreFacts> FactsAsync(CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            var partitions = new List<CollectedPartition>();
            using (var rows = session.Query("SELECT topic, partition, next FROM positions ORDER BY topic, partition"))
            {
                while (rows.Read())
                    partitions.Add(new CollectedPartition(rows.GetString(0), rows.GetInt32(1), rows.GetInt64(2)));
            }

            return new StoreFacts(
                session.Number("SELECT letters FROM totals"), session.Number("SELECT bytes FROM totals"), session.Number("SELECT seq FROM sqlite_sequence WHERE name = 'letters'"), partitions);
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _turn.WaitAsync();
        for (var i = 0; i < _readerCount; i++)
            (await _readers.Reader.ReadAsync()).Dispose();
        _writer.Dispose();
        _turn.Dispose();
    }

    private static Session Open(SqliteDeadLetterOptions options)
    {
        var session = new Session(options.Path, readOnly: false, options.WriterCacheMegabytes);
        try
        {
            if (session.Number("PRAGMA user_version") is var version && version == 0)
            {
                session.Run("PRAGMA auto_vacuum = INCREMENTAL");
                session.Run("PRAGMA journal_mode = WAL");
                session.Run($"BEGIN IMMEDIATE; {LetterSchema.Create} PRAGMA user_version = {LetterSchema.Version}; COMMIT");
            }
            else if (version == 1)
            {
                session.Run($"BEGIN IMMEDIATE; {LetterSchema.FromVersion1} PRAGMA user_version = {LetterSchema.Version}; COMMIT");
            }
            else if (version != LetterSchema.Version)
            {
                throw new RealTimeMeshException($"dead letters '{options.Path}': found a database of form {version}; expected form {LetterSchema.Version}; use the version that wrote it, or move the file away: letters are collected again from their topics.");
            }

            session.Run("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private async Task<T> WriteAsync<T>(Func<Session, T> action, CancellationToken cancellationToken, bool transact = true)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => transact ? Transact(action) : action(_writer), CancellationToken.None);
        }
        catch (SqliteException exception)
        {
            throw Failed(exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    private T Transact<T>(Func<Session, T> action)
    {
        var committed = false;
        try
        {
            var result = _writer.Transact(() => action(_writer));
            committed = true;
            return result;
        }
        finally
        {
            _groups.End(committed);
        }
    }

    private async Task<T> ReadAsync<T>(Func<Session, T> action, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var session = await _readers.Reader.ReadAsync(cancellationToken);
        try
        {
            return await Task.Run(() => session.Look(action), CancellationToken.None);
        }
        catch (SqliteException exception)
        {
            throw Failed(exception);
        }
        finally
        {
            _readers.Writer.TryWrite(session);
        }
    }

    private static RealTimeMeshException Failed(SqliteException exception) =>
        new($"dead letters: found {exception.Message}; expected room and a healthy disk; nothing was changed, try again when that is mended.", exception);
}
