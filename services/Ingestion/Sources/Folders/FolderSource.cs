using System.Globalization;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Ingestion.Publishing;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Sources.Files;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Telemetry;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>
/// The rows of a folder's files, one file after the other in the order of the journal. All of them are one source with one
/// sequence, because consumers remember a bounded number of sources.
/// </summary>
internal sealed class FolderSource : IRowSource
{
    /// <summary>More rows than can have been published beyond a stored position: see <see cref="GiveUp"/>.</summary>
    private const long Leap = 1 << 20;

    /// <summary>Attempts at a file that the system can't read before it is given up, where faults are skipped.</summary>
    private const int Attempts = 4;

    private readonly SourceStatus _status;
    private readonly StreamSpec _stream;
    private readonly FileFormatCatalog _formats;
    private readonly FileJournal _journal;
    private readonly IngestionOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly FolderDefinition _folder;
    private readonly FileProblems _problems = new();
    private readonly FolderPlan _plan;
    private readonly FolderWatch _watch;
    private readonly ReadFiles _read;
    private readonly FolderProgress _progress;
    private readonly string _label;
    private FileReading? _reading;
    private EventOrigin? _origin;
    private bool _mustBeSaved;
    private SourcePosition? _offered;

    public FolderSource(SourceStatus status, StreamSpec stream, FileFormatCatalog formats, FileJournal journal, SourcePosition position, IngestionOptions options, TimeProvider time, ILogger logger)
    {
        (_status, _stream, _formats, _journal, _options, _time, _logger) = (status, stream, formats, journal, options, time, logger);
        _folder = status.Source.Folder!;
        _label = $"{status.Stream.Pipeline}/{status.Source.Name}";
        Position = position;
        _plan = new FolderPlan(status.Source, journal, _problems, options, time);
        _watch = new FolderWatch(_folder, time, logger);
        _read = new ReadFiles(_label, _folder, _problems, logger);
        _progress = new FolderProgress(status, journal, _read, _problems, Position);
    }

    public long? Total => null;

    /// <summary>Files come as long as the folder is there.</summary>
    public bool MayGrow => true;

    public SourcePosition Position { get; private set; }

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        while (batch.Count < maxRows && batch.Bytes < _options.PublishBytes)
        {
            if (_mustBeSaved)
            {
                // The batch, even an empty one, brings the position to the store.
                if (batch.Count > 0 || !_progress.IsSaved(Position))
                {
                    if (batch.Count == 0 && _offered == Position)
                        await _progress.WaitSavedAsync(Position, cancellationToken);
                    _offered = Position;
                    return true;
                }

                _mustBeSaved = false;
            }

            if (_journal.Find(Position.Page, Position.Entry) is { } entry)
            {
                await ReadFileAsync(entry, batch, maxRows, cancellationToken);
                continue;
            }

            if (batch.Count > 0)
                return true;
            if (!await FindMoreAsync(cancellationToken))
                return false;
        }

        return true;
    }

    public ValueTask SavedAsync(SourcePosition position, CancellationToken cancellationToken)
    {
        _progress.Saved(position);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        if (_reading is not null)
            await _reading.DisposeAsync();
    }

    /// <summary>Waits until the journal has more. False where the folder is not watched and all of it is read.</summary>
    private async Task<bool> FindMoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = _time.GetTimestamp();
            var entries = await _plan.NextAsync(PutAway, cancellationToken);
            if (entries.Count > 0)
            {
                Log.FilesTaken(_logger, _label, entries.Count, entries[0].Name);
                await _journal.AppendAsync(entries, cancellationToken);
                await TrimAsync(cancellationToken);
                _progress.Taken(_plan.Waiting);
                return true;
            }

            _progress.Idle(Position, _plan.Waiting);
            if (!_folder.Watch && _plan.SettlesIn is null)
                return false;
            // A folder of very many files is not listed without end because one of them is written to.
            var pause = 5 * _time.GetElapsedTime(started);
            await _watch.WaitAsync(pause, _plan.SettlesIn is { } settles && settles < _folder.Poll ? settles : _folder.Poll, cancellationToken);
        }
    }

    private async Task ReadFileAsync(JournalEntry entry, EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        if (_reading is null && !await BeginAsync(entry, batch, cancellationToken))
            return;
        batch.Continue(_origin!);
        var more = await _reading!.ReadAsync(batch, maxRows, cancellationToken);
        var rows = _reading.Position;
        Position = rows with { Rows = _origin!.First + rows.Rows, FileRows = rows.Rows, Page = Position.Page, Entry = Position.Entry, File = null };
        if (more)
            return;
        // What is given up may be readable after a crash: only a stored position keeps it given up.
        _mustBeSaved = rows.Ended;
        if (rows.Ended)
            _problems.Set(entry.Name, $"file '{PathOf(entry)}': the rest of it was given up: see the dead letters of '{_stream.Definition.DeadLetterTopic}'");
        await _reading.DisposeAsync();
        _reading = null;
        Advance(0);
    }

    /// <summary>Opens the file at hand; false where it is given up.</summary>
    private async Task<bool> BeginAsync(JournalEntry entry, EventBatch batch, CancellationToken cancellationToken)
    {
        _origin = OriginOf(entry);
        _progress.Reading(entry.Name);
        // Nothing to read, or of a growing file nothing is left: it may be gone by now.
        if (entry.From == entry.End || (_folder.Tail && Position.Offset >= entry.End))
        {
            Advance(0);
            return false;
        }

        try
        {
            var path = await LocateAsync(entry, cancellationToken);
            var format = _formats.Find(_status.Source.Format ?? FileFormats.Of(entry.Name))
                ?? throw new SourceException($"file '{PathOf(entry)}': found an extension that names no format; expected {_formats.Names}. Set 'format' in pipeline.yaml.");
            var part = new FilePart(path, format.Name, entry.From, entry.End) { Csv = _status.Source.Csv, OnError = _status.Source.OnError };
            _reading = new FileReading(format, part, _stream, Position with { Rows = Position.FileRows });
            return true;
        }
        catch (Exception e) when (e is SourceException or IOException or UnauthorizedAccessException)
        {
            var again = e is ChangedFileException && _folder.Changed == ChangedFile.Again;
            // A disk or a network may come back.
            var passing = e is not (SourceException or FileNotFoundException or DirectoryNotFoundException) && _journal.CountAttempt(Position.Page, Position.Entry) < Attempts;
            if (!again && (passing || _status.Source.OnError == FileFaultPolicy.Stop))
                throw e as SourceException ?? new SourceException($"file '{PathOf(entry)}': found {e.Message}; expected the file that was taken. Put it back, or set 'onError: skip' to go on without it.", e);
            GiveUp(entry, batch, again ? null : e.Message);
            return false;
        }
    }

    /// <summary>
    /// Goes on behind a file that is not what it was. Rows of it may be published beyond the stored position, so the sequence
    /// leaps: else consumers would take the next file's rows for those.
    /// </summary>
    private void GiveUp(JournalEntry entry, EventBatch batch, string? reason)
    {
        if (reason is not null)
        {
            Log.FileSkipped(_logger, _label, reason);
            batch.Continue(_origin! with { First = _origin!.First + Leap });
            batch.Reject(FileFaults.Reason(PathOf(entry), reason), new InputRecord([]), Position.FileRows);
            Position = Position with { Rows = Position.Rows + 1 };
        }

        Advance(Leap);
        _mustBeSaved = true;
    }

    private void Advance(long leap)
    {
        var (page, place) = FileJournal.Next(Position.Page, Position.Entry);
        Position = new SourcePosition { Rows = Position.Rows + leap, Page = page, Entry = place };
        _progress.Reading(null);
    }

    /// <summary>The path of the file; throws where it is no longer the one that was taken.</summary>
    private async Task<string> LocateAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(entry));
        if (_folder.Tail)
        {
            if (await GrowingFiles.LocateAsync(_folder.Path, entry, cancellationToken) is { } found)
                return found;
        }
        else if (file.Exists && file.Length == entry.End && file.LastWriteTimeUtc.Ticks == entry.Modified)
        {
            return file.FullName;
        }
        else if ((!file.Exists || file.Length == entry.End) && await Fingerprints.OfAsync(file.FullName, entry.End, growing: false, cancellationToken) == entry.Hash)
        {
            return file.FullName;
        }

        throw new ChangedFileException(string.Create(CultureInfo.InvariantCulture, $"file '{file.FullName}': found {(file.Exists ? $"{file.Length} bytes that are not those that were taken" : "no such file")}; expected the {entry.End} bytes of then. Put the file back, or set 'changed: again' to read it whole as new events, or 'onError: skip' to go on without it."));
    }

    private EventOrigin OriginOf(JournalEntry entry)
    {
        var first = Position.Rows - Position.FileRows;
        var csv = (_status.Source.Format ?? FileFormats.Of(entry.Name)) == FileFormats.Csv;
        return new EventOrigin($"/{_label}", _status.Source.Name, string.Create(CultureInfo.InvariantCulture, $"{_status.Stream.Pipeline}.{_status.Source.Name}@{first}/{FileNames.Shown(entry.Name)}#"), Sequenced: true)
        {
            ContentType = csv ? ContentTypes.Csv : ContentTypes.Json,
            First = first,
        };
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        // A growing file must stay known: its last entry is written again behind the others.
        if (_folder.Tail && _journal.FirstPageBeyondBound is { } page && page.Where(entry => _journal.FindLatest(entry.Name)?.Entry == entry && File.Exists(PathOf(entry))).Select(entry => entry with { From = entry.End }).ToList() is { Count: > 0 } kept)
            await _journal.AppendAsync(kept, cancellationToken);
        await _journal.TrimAsync(_progress.SavedPage, MayDrop, cancellationToken);
    }

    private void PutAway(JournalEntry entry, int page, int place)
    {
        if (_progress.IsSaved(page, place))
            _read.PutAway(entry);
    }

    /// <summary>A page is not dropped while a file of it waits to be put away: it would be read again.</summary>
    private bool MayDrop(IReadOnlyList<JournalEntry> page) =>
        _folder.After == AfterFile.Keep && !_folder.Tail || page.All(entry => _journal.FindLatest(entry.Name)?.Entry != entry || !File.Exists(PathOf(entry)));

    private string PathOf(JournalEntry entry) => Path.Combine(_folder.Path, entry.Name);
}
