using System.Text.Json;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Auditing;

/// <summary>
/// Who changed which table by hand, before and after: a line of JSON each in <c>{MESH_DATA}/audit/lakehouse.ndjson</c>, only ever appended
/// to and on the disk before the change begins. Thread-safe.
/// </summary>
internal sealed class AuditLog(MeshSettings settings, TimeProvider time) : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly string _path = Path.Combine(settings.DataPath, "audit", "lakehouse.ndjson");
    private long _last = -1;

    /// <summary>Does something between its two lines.</summary>
    /// <param name="after">What the result comes to, for the log.</param>
    public async Task<T> RecordAsync<T>(string who, string what, string table, object request, object before, Func<Task<T>> act, Func<T, object> after, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        var entry = new AuditEntry(0, default, id, who, what, "asked", table, Json(request), Json(before), null);
        await AppendAsync(entry, cancellationToken);
        try
        {
            var result = await act();
            await AppendAsync(entry with { Stage = "done", After = Json(after(result)) }, CancellationToken.None);
            return result;
        }
        catch (Exception exception)
        {
            await AppendAsync(entry with { Stage = "failed", After = Json(new { error = exception.Message }) }, CancellationToken.None);
            throw;
        }
    }

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
            var line = JsonSerializer.SerializeToUtf8Bytes(entry with { Number = _last + 1, At = time.GetUtcNow() }, s_json);
            await using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
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
        await using (var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read))
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

    private async IAsyncEnumerable<AuditEntry> LinesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(_path))
            yield break;
        await foreach (var line in File.ReadLinesAsync(_path, cancellationToken))
        {
            AuditEntry? entry;
            try
            {
                entry = JsonSerializer.Deserialize<AuditEntry>(line, s_json);
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

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value, s_json);
}
