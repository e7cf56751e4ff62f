using System.Runtime.CompilerServices;

namespace RealTimeMesh.DeltaLake;

/// <summary>Tables in folders of a file system that knows hard links (or, on Windows, moves without replacement).</summary>
public sealed class LocalTableStore(Func<Guid>? newId = null) : ITableStore
{
    private readonly Func<Guid> _newId = newId ?? Guid.NewGuid;

    public bool IsLocal => true;

    public Task<bool> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Writing(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return DurableFiles.PutIfAbsent(path, TemporaryBeside(path), content.Span);
        }));
    }

    public Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DurableFiles.Replace(path, TemporaryBeside(path), content.Span);
        return Task.CompletedTask;
    }

    public async Task<StoredFile?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // An exception costs more than this look, and a warm reader asks for versions that are not there yet.
            if (!File.Exists(path))
                return null;
            return new StoredFile(await File.ReadAllBytesAsync(path, cancellationToken), LogFolder.FileTime(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public async Task<bool> PutIfAbsentAsync(string path, Func<Stream, Task> write, bool durable, CancellationToken cancellationToken)
    {
        var temporary = TemporaryBeside(path);
        try
        {
            await using (var stream = Writing(path, () => Create(temporary)))
            {
                await write(stream);
                stream.Flush(durable);
            }

            return DurableFiles.PublishIfAbsent(path, temporary, durable);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public Task<Stream?> OpenReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 18, FileOptions.SequentialScan));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task<(long Size, long ModifiedAt)?> DescribeAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<(long, long)?>(new FileInfo(path) is { Exists: true } file ? (file.Length, LogFolder.FileTime(path)) : null);

    public Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder: that is what was wanted.
        }

        return Task.CompletedTask;
    }

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => Task.FromResult(File.Exists(path));

    public async IAsyncEnumerable<ListedFile> ListAsync(string folder, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var name in Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(name => string.CompareOrdinal(name, after) > 0).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ListedFile(Path.Combine(folder, name!), -1, -1);
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<ListedFile> ListTreeAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", all) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ListedFile(file.FullName, file.Length, new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeMilliseconds());
        }

        await Task.CompletedTask;
    }

    public Task PrepareCommitAsync(string table, bool isNew, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(table, "_delta_log"));
        if (isNew)
            DurableFiles.FlushFolder(Path.GetDirectoryName(table)!);
        Flush(table, paths);
        return Task.CompletedTask;
    }

    public Task<IFetchedFiles> FetchAsync(string table, IReadOnlyList<WantedFile> files, CancellationToken cancellationToken) =>
        Task.FromResult<IFetchedFiles>(new LocalFiles([.. files.Select(file => Path.GetFullPath(Path.Combine(table, file.Path))).Select(path => File.Exists(path) ? path : null)]));

    public IStagedFiles Stage(string table) => new LocalStage(table);

    private static void Flush(string table, IEnumerable<string> paths)
    {
        var flushed = new HashSet<string>(StringComparer.Ordinal) { table };
        DurableFiles.FlushFolder(table);
        foreach (var path in paths)
        {
            // Every folder on the way down may be new.
            for (var folder = Path.GetDirectoryName(path)!; folder.StartsWith(table, StringComparison.Ordinal) && flushed.Add(folder); folder = Path.GetDirectoryName(folder)!)
                DurableFiles.FlushFolder(folder);
        }
    }

    /// <summary>A folder without the right to write is an everyday state of a table, and no fault of the program.</summary>
    internal static T Writing<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DeltaException(Path.GetDirectoryName(path)!, $"cannot be written: {exception.Message} Expected the right to create files in the folder; change its mode or owner, or write as another user.", exception);
        }
    }

    private static FileStream Create(string temporary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 18);
    }

    private string TemporaryBeside(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{_newId():N}.tmp");
}
