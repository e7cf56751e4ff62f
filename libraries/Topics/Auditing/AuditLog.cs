using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RealTimeMesh.Topics.Auditing;

/// <summary>
/// Who changed what by hand, before and after: a line of JSON each in <c>audit/topics.ndjson</c> of the data folder, only ever appended to
/// and on the disk before the change begins. Thread-safe.
/// </summary>
internal sealed class AuditLog(string dataPath, TimeProvider time) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly string _path = Path.Combine(dataPath, "audit", "topics.ndjson");
    private long _last = -1;

    /// <summary>Does something between its two lines.</summary>
    public async Task<T> RecordAsync<T>(string who, string what, string thing, object before, Func<Task<T>> act, Func<T, object?> after, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(0, default, Guid.CreateVersion7(time.GetUtcNow()).ToString(), who, what, "asked", thing, Element(before), null);
        await AppendAsync(entry, cancellationToken);
        try
        {
            var result = await act();
            await AppendAsync(entry with { Stage = "done", After = Element(after(result)) }, CancellationToken.None);
            return result;
        }
        catch (Exception exception)
        {
            await AppendAsync(entry with { Stage = "failed", After = Element(new { error = exception.Message }) }, CancellationToken.None);
            throw;
        }
    }

    public Task RecordAsync(string who, string what, string thing, object before, Func<Task> act, CancellationToken cancellationToken) => RecordAsync(
        who,
        what,
        thing,
        before,
        async () =>
        {
            await act();
            return true;
        },
        static _ => null,
        cancellationToken);

    /// <summary>The newest entries before a number, newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(long before, int limit, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var newest = new Queue<AuditEntry>();
            await foreach (var entry in LinesAsync(cancellationToken))
            {
                if (entry.Number >= before)
                    break;
                newest.Enqueue(entry);
                if (newest.Count > limit)
                    newest.Dequeue();
            }

            return [.. newest.Reverse()];
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            if (_last < 0)
                await RecoverAsync(cancellationToken);
            var line = JsonSerializer.SerializeToUtf8Bytes(entry with { Number = _last + 1, At = time.GetUtcNow() }, Json);
            await using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            await stream.WriteAsync((byte[])[.. line, (byte)'\n'], CancellationToken.None);
            stream.Flush(flushToDisk: true);
            _last++;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Finds the last number, and ends a line that a crash cut off.</summary>
    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var last = 0L;
        await foreach (var entry in LinesAsync(cancellationToken))
            last = entry.Number;
        await using (var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            if (stream.Length > 0)
            {
                stream.Seek(-1, SeekOrigin.End);
                if (stream.ReadByte() != '\n')
                    stream.WriteByte((byte)'\n');
            }
        }

        _last = last;
    }

    private async IAsyncEnumerable<AuditEntry> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(_path))
            yield break;
        await foreach (var line in File.ReadLinesAsync(_path, cancellationToken))
        {
            AuditEntry? entry;
            try
            {
                entry = JsonSerializer.Deserialize<AuditEntry>(line, Json);
            }
            catch (JsonException)
            {
                // A line that a crash cut off tells nothing; those around it stand.
                continue;
            }

            if (entry is not null)
                yield return entry;
        }
    }

    private static JsonElement? Element(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, Json);
}
