using System.Collections.Concurrent;

namespace RealTimeMesh.Sqlite;

/// <summary>A few connections for reading. In the write-ahead log, readers and the writer don't wait for each other.</summary>
internal sealed class SqliteReaders(IReadOnlyList<SqliteReader> readers, SemaphoreSlim free, bool mayBlock) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _readers = [.. readers];

    /// <summary>Reads on the caller's thread: tens of microseconds. Where a writer may hold readers up, on one of the pool's.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteReader, T> read, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            return mayBlock ? await Task.Run(() => Run(read), cancellationToken) : Run(read);
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose()
    {
        foreach (var reader in readers)
            reader.Dispose();
        free.Dispose();
    }

    private T Run<T>(Func<SqliteReader, T> read)
    {
        if (!_readers.TryTake(out var reader))
            throw new InvalidOperationException("found no free reader; expected as many as were let in");
        try
        {
            return read(reader);
        }
        finally
        {
            _readers.Add(reader);
        }
    }
}
