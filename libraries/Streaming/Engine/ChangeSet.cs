using System.Buffers;
using System.Text.Json;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Collects the writes of one transaction; values share one buffer that is reused by the next, because a batch
/// rewrites thousands of small rows. Not thread-safe.
/// </summary>
internal sealed class ChangeSet
{
    private const int KeepBytes = 32 * 1024 * 1024;

    private readonly List<Entry> _entries = [];
    private readonly List<StateChange> _changes = [];
    private ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private Utf8JsonWriter _json;

    public ChangeSet()
    {
        _json = NewWriter();
    }

    public int Count => _entries.Count;

    /// <summary>Bytes of all values.</summary>
    public long Bytes => _buffer.WrittenCount;

    private readonly record struct Entry(string Key, int Start, int End, StateGuard Guard, string? ETag);

    public void Clear()
    {
        _entries.Clear();
        _changes.Clear();
        if (_buffer.Capacity > KeepBytes)
        {
            _buffer = new ArrayBufferWriter<byte>(64 * 1024);
            _json = NewWriter();
        }
        else
        {
            _buffer.ResetWrittenCount();
        }
    }

    /// <summary>Starts a value; write one JSON value and call <see cref="End"/>.</summary>
    public Utf8JsonWriter Begin(string key, StateGuard guard = StateGuard.None, string? etag = null)
    {
        _entries.Add(new Entry(key, _buffer.WrittenCount, -1, guard, etag));
        _json.Reset(_buffer);
        return _json;
    }

    /// <summary>Ends the value and returns it; valid until the next one begins.</summary>
    public ReadOnlySpan<byte> End()
    {
        _json.Flush();
        var entry = _entries[^1];
        _entries[^1] = entry with { End = _buffer.WrittenCount };
        return _buffer.WrittenSpan[entry.Start..];
    }

    public void Delete(string key) => _entries.Add(new Entry(key, -1, -1, StateGuard.None, null));

    /// <summary>The writes; their values are valid until <see cref="Clear"/>.</summary>
    public IReadOnlyList<StateChange> Build()
    {
        _changes.Clear();
        var values = _buffer.WrittenMemory;
        foreach (var entry in _entries)
        {
            _changes.Add(entry.Start < 0
                ? new StateChange(entry.Key, default) { Delete = true }
                : new StateChange(entry.Key, values[entry.Start..entry.End]) { Guard = entry.Guard, ETag = entry.ETag });
        }

        return _changes;
    }

    // Names and group keys come from contracts; JSON that browsers would misread as HTML is not a danger in a state row.
    private Utf8JsonWriter NewWriter() => new(_buffer, new JsonWriterOptions
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
