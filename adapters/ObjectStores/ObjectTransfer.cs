namespace RealTimeMesh.ObjectStores;

/// <summary>Whole objects up and down, in parts where they are large, with retries for each part.</summary>
internal sealed class ObjectTransfer(IObjectClient client, Retries retries, ObjectStoreOptions options)
{
    /// <summary>S3 takes no more parts of one object.</summary>
    private const int MostParts = 10_000;

    private const int PartUnit = 1 << 20;
    private readonly int _part = Math.Max(1, options.PartMiB) << 20;

    /// <summary>The key of a path; throws where the path is elsewhere.</summary>
    public string KeyOf(string path) => path == client.Root ? "" : path.StartsWith(client.Root + "/", StringComparison.Ordinal)
        ? path[(client.Root.Length + 1)..].Replace('\\', '/')
        : throw new ObjectStoreException(path, $"is not in {client.Root}, where the table is; expected all files of a table in one container; open the store of that path.");

    /// <summary>What the keys of a folder's files begin with.</summary>
    public string PrefixOf(string folder) => KeyOf(folder) is { Length: > 0 } key ? key + "/" : "";

    /// <summary>Sends a file; false where it was to be absent and is not.</summary>
    public async Task<bool> UploadAsync(string file, string path, bool ifAbsent, CancellationToken cancellationToken)
    {
        var key = KeyOf(path);
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.Asynchronous);
        var size = RandomAccess.GetLength(handle);
        if (size <= _part)
        {
            var content = new byte[size];
            await ReadAsync(handle, content, 0, cancellationToken);
            return await retries.RunAsync(path, token => client.PutAsync(key, content, ifAbsent, token), cancellationToken);
        }

        var upload = await retries.RunAsync(path, token => client.BeginUploadAsync(key, ifAbsent, token), cancellationToken);
        try
        {
            var part = PartSize(size);
            var tags = new string[(size + part - 1) / part];
            await Parallel.ForAsync(0, tags.Length, new ParallelOptions { MaxDegreeOfParallelism = client.PartsAtOnce, CancellationToken = cancellationToken }, async (i, token) =>
            {
                var offset = i * part;
                var content = new byte[Math.Min(part, size - offset)];
                await ReadAsync(handle, content, offset, token);
                tags[i] = await retries.RunAsync(path, each => client.PutPartAsync(key, upload, new UploadPart(i + 1, offset, content, size), each), token);
            });
            return await CompleteAsync(path, key, upload, tags, size, ifAbsent, cancellationToken);
        }
        catch
        {
            await AbortAsync(path, key, upload);
            throw;
        }
    }

    /// <summary>Writes an object to a new file; false where it is gone.</summary>
    public async Task<bool> DownloadAsync(string path, string file, long size, CancellationToken cancellationToken)
    {
        var key = KeyOf(path);
        using var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, size);
        var parts = Math.Max(1, (size + _part - 1) / _part);
        var isGone = 0;
        await Parallel.ForAsync(0, parts, new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken }, async (i, token) =>
        {
            if (Volatile.Read(ref isGone) == 0 && !await retries.RunAsync(path, each => DownloadPartAsync(path, key, handle, i * (long)_part, Math.Min(_part, size - (i * (long)_part)), size, each), token))
                Volatile.Write(ref isGone, 1);
        });
        return isGone == 0;
    }

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        retries.RunAsync(path, token => client.DeleteAsync(KeyOf(path), token), cancellationToken);

    private async Task<bool> DownloadPartAsync(string path, string key, Microsoft.Win32.SafeHandles.SafeFileHandle handle, long offset, long count, long size, CancellationToken cancellationToken)
    {
        using var body = await client.ReadAsync(key, offset, Math.Max(1, count), cancellationToken);
        if (body is null)
            return false;
        if (body.Size != size)
            throw new ObjectStoreException(path, $"has {body.Size} bytes; expected {size} by the log; data files never change: restore the object, or the table to a version before it.");
        var buffer = new byte[1 << 17];
        for (long done = 0; done < count;)
        {
            var read = await body.Content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - done)), cancellationToken);
            if (read == 0)
                throw new ObjectStoreException(path, $"the answer ended after {done} of {count} bytes", isTransient: true);
            await RandomAccess.WriteAsync(handle, buffer.AsMemory(0, read), offset + done, cancellationToken);
            done += read;
        }

        return true;
    }

    private async Task<bool> CompleteAsync(string path, string key, string upload, string[] tags, long size, bool ifAbsent, CancellationToken cancellationToken)
    {
        try
        {
            return await retries.RunAsync(path, token => client.CompleteUploadAsync(key, upload, tags, ifAbsent, token), cancellationToken);
        }
        catch (ObjectStoreException) when (!cancellationToken.IsCancellationRequested)
        {
            // An upload whose end was answered and lost is unknown to the store when it is asked again: the object tells.
            var found = await retries.RunAsync(path, token => client.DescribeAsync(key, token), cancellationToken);
            if (found is null || found.Size != size || ifAbsent)
                throw;
            return true;
        }
    }

    /// <summary>Parts of an upload that is given up cost money until they are deleted; a store has rules for those that stay.</summary>
    private async Task AbortAsync(string path, string key, string upload)
    {
        try
        {
            using var limit = new CancellationTokenSource(options.RequestTimeout);
            await client.AbortUploadAsync(key, upload, limit.Token);
        }
        catch (Exception exception) when (exception is ObjectStoreException or OperationCanceledException or HttpRequestException)
        {
            options.OnRetry?.Invoke($"{path}: parts of an upload that failed could not be deleted: {exception.Message}");
        }
    }

    private long PartSize(long size)
    {
        var least = (size + MostParts - 1) / MostParts;
        return Math.Max(_part, (least + PartUnit - 1) / PartUnit * PartUnit);
    }

    private static async Task ReadAsync(Microsoft.Win32.SafeHandles.SafeFileHandle handle, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(handle, buffer, offset, cancellationToken);
            if (read == 0)
                throw new EndOfStreamException("the file became shorter while it was sent");
            (buffer, offset) = (buffer[read..], offset + read);
        }
    }
}
