using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>
/// The registry's state and who may change it. Of the processes on one folder the one that holds the lock writes; the
/// others read its log along before each answer, so that what it acknowledged they know, and take over when it is gone.
/// </summary>
internal sealed class RegistryStore(MeshSettings settings, ILogger<RegistryStore> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private RegistryState _state = new();
    private SchemaLog? _log;
    private LogTail? _tail;
    private string? _address;

    public string Folder { get; } = Path.Combine(settings.DataPath, "registry");

    public bool IsWriter
    {
        get
        {
            lock (_gate)
                return _log is not null;
        }
    }

    private string LeaderFile => Path.Combine(Folder, "leader");

    public void Open()
    {
        lock (_gate)
        {
            if (_log is not null || _tail is not null || TryBecomeWriter())
                return;

            _tail = new LogTail(Path.Combine(Folder, SchemaLog.FileName));
            CatchUp();
            Log.ReadsAlong(logger, Folder);
        }
    }

    /// <summary>Takes the writer's place where it is free; true where this process has it.</summary>
    public bool TakeOver()
    {
        lock (_gate)
        {
            if (_log is not null)
                return true;

            if (!TryBecomeWriter())
                return false;

            Log.TookOver(logger, Folder);
            Announce();
            return true;
        }
    }

    /// <summary>Tells the other processes where this one listens.</summary>
    public void Announce(string address)
    {
        lock (_gate)
        {
            _address = address;
            if (_log is not null)
                Announce();
        }
    }

    /// <summary>Where the writing process listens; null where that is not known.</summary>
    public Uri? WriterAddress()
    {
        try
        {
            return Uri.TryCreate(File.ReadAllText(LeaderFile).Trim(), UriKind.Absolute, out var address) ? address : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public T Read<T>(Func<RegistryState, T> read)
    {
        lock (_gate)
        {
            CatchUp();
            return read(_state);
        }
    }

    /// <summary>Runs a change from its judgement to its storing; changes wait for each other, readers for none of it.</summary>
    public T Change<T>(Func<T> change)
    {
        lock (_writing)
            return change();
    }

    /// <summary>Stores an entry and applies it. Only within <see cref="Change"/>.</summary>
    public void Append(LogEntry entry)
    {
        SchemaLog log;
        lock (_gate)
            log = _log ?? throw RegistryException.NotTheWriter();

        // Readers go on while the disk works; only changes append, one at a time.
        log.Append(entry);
        lock (_gate)
            _state.Apply(entry);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _log?.Dispose();
            _tail?.Dispose();
            _log = null;
            _tail = null;
        }
    }

    private bool TryBecomeWriter()
    {
        var state = new RegistryState();
        var log = SchemaLog.TryOpen(Folder, state.Apply, logger);
        if (log is null)
            return false;

        _tail?.Dispose();
        (_log, _tail, _state) = (log, null, state);
        Log.Opened(logger, log.Path, state.Subjects.Count, state.SchemaCount);
        return true;
    }

    private void CatchUp()
    {
        if (_tail is null || _tail.Read(_state.Apply))
            return;

        _tail.Dispose();
        _state = new RegistryState();
        _tail = new LogTail(Path.Combine(Folder, SchemaLog.FileName));
        _tail.Read(_state.Apply);
    }

    private void Announce()
    {
        if (_address is null)
            return;

        var draft = LeaderFile + ".new";
        File.WriteAllText(draft, _address);
        File.Move(draft, LeaderFile, overwrite: true);
    }
}
