using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RealTimeMesh.Administration;

/// <summary>
/// Who changed what by hand, before and after: a line of JSON each, only ever appended to and on the disk before the change begins.
/// Thread-safe.
/// </summary>
/// <param name="path">The file; its folder is made.</param>
/// <param name="share">What other processes may do with the file while a line is written.</param>
public sealed class AuditLog<TEntry>(string path, FileShare share, TimeProvider time) : IDisposable
    where TEntry : class, IAuditEntry<TEntry>
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _last = -1;

    /// <summary>Does something between its two lines.</summary>
    /// <param name="asked">The first line, with an id of its own.</param>
    /// <param name="after">What the result comes to, for the log.</param>
    public async Task<T> RecordAsync<T>(Func<string, TEntry> asked, Func<Task<T>> act, Func<T, object?> after, CancellationToken cancellationToken)
    {
        var entry = asked(Guid.CreateVersion7(time.GetUtcNow()).ToString());
        await AppendAsync(entry, cancellationToken);
        try
        {
            var result = await act();
            await AppendAsync(entry.Ended("done", AuditJson.Element(after(result))), CancellationToken.None);
            return result;
        }
        catch (Exception exception)
        {
            await AppendAsync(entry.Ended("failed", AuditJson.Element(new { error = exception.Message })), CancellationToken.None);
            throw;
        }
    }

    /// <summary>The newest entries before a number, newest first.</summary>
    public async Task<IReadOnlyList<TEntry>> ReadAsync(long before, int limit, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var newest = new Queue<TEntry>();
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

    private async Task AppendAsync(TEntry entry, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (_last < 0)
                await RecoverAsync(cancellationToken);
            var line = JsonSerializer.SerializeToUtf8Bytes(entry.Placed(_last + 1, time.GetUtcNow()), AuditJson.Options);
            await using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, share);
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
        await using (var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share))
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

    private async IAsyncEnumerable<TEntry> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            yield break;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            TEntry? entry;
            try
            {
                entry = JsonSerializer.Deserialize<TEntry>(line, AuditJson.Options);
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
}
