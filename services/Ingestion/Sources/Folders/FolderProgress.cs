namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Follows what of a folder is stored, puts files away that are, and shows it. Reading and storing tell it at the same time.</summary>
internal sealed class FolderProgress
{
    private readonly Lock _lock = new();
    private readonly SourceStatus _status;
    private readonly FileJournal _journal;
    private readonly ReadFiles _read;
    private readonly FileProblems _problems;
    private (int Page, int Place) _saved;
    private long _savedRows;
    private long _idleRows = -1;
    private long _waiting;
    private string? _current;
    private TaskCompletionSource? _nextSave;

    public FolderProgress(SourceStatus status, FileJournal journal, ReadFiles read, FileProblems problems, SourcePosition position)
    {
        (_status, _journal, _read, _problems) = (status, journal, read, problems);
        _saved = (position.Page, position.Entry);
        _savedRows = position.Rows;
        Show();
    }

    /// <summary>True where all rows of an entry are published and the position says so.</summary>
    public bool IsSaved(int page, int place)
    {
        lock (_lock)
            return (page, place).CompareTo(_saved) < 0;
    }

    /// <summary>Page of the stored position.</summary>
    public int SavedPage
    {
        get
        {
            lock (_lock)
                return _saved.Page;
        }
    }

    public bool IsSaved(SourcePosition position)
    {
        lock (_lock)
            return _savedRows == position.Rows && _saved == (position.Page, position.Entry);
    }

    /// <summary>Waits until a position is stored that was handed over.</summary>
    public async Task WaitSavedAsync(SourcePosition position, CancellationToken cancellationToken)
    {
        while (!IsSaved(position))
        {
            Task next;
            lock (_lock)
                next = (_nextSave ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (!IsSaved(position))
                await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A position is stored.</summary>
    public void Saved(SourcePosition position)
    {
        List<JournalEntry> done = [];
        lock (_lock)
        {
            for (var (page, place) = _saved; (page, place).CompareTo((position.Page, position.Entry)) < 0; (page, place) = FileJournal.Next(page, place))
            {
                if (_journal.Find(page, place) is { } entry)
                    done.Add(entry);
            }

            _saved = (position.Page, position.Entry);
            _savedRows = position.Rows;
            _nextSave?.TrySetResult();
            _nextSave = null;
        }

        foreach (var entry in done)
            _read.PutAway(entry);
        Show();
    }

    /// <summary>Files were taken; so many wait behind them.</summary>
    public void Taken(int waiting)
    {
        lock (_lock)
            (_waiting, _idleRows) = (waiting, -1);
        Show();
    }

    /// <summary>A file is begun, or none is being read.</summary>
    public void Reading(string? file)
    {
        lock (_lock)
            _current = file;
    }

    /// <summary>All entries are read.</summary>
    public void Idle(SourcePosition position, int waiting)
    {
        lock (_lock)
        {
            (_waiting, _current, _idleRows) = (waiting, null, position.Rows);
        }

        Show();
    }

    private void Show()
    {
        var (listed, count) = _problems.Read();
        lock (_lock)
        {
            _status.Files = new SourceFiles
            {
                Read = (((long)_saved.Page * FileJournal.PageSize) + _saved.Place),
                Waiting = _waiting,
                Current = _current,
                CaughtUp = _idleRows >= 0 && _savedRows == _idleRows && _waiting == 0,
                Problems = listed,
                ProblemCount = count,
            };
        }
    }
}
